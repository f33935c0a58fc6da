import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../src/sockets/endpoints.ts';
import { type Interfaces, socketsToOpen } from '../src/sockets/sockets-to-open.ts';

const v4 = (address: string) =>
  ({ address, netmask: '', family: 'IPv4', mac: '', internal: false, cidr: null }) as const;
const v6 = (address: string, scopeid = 0) =>
  ({ address, netmask: '', family: 'IPv6', mac: '', internal: false, cidr: null, scopeid }) as const;

const INTERFACES: Interfaces = {
  lo: [v4('127.0.0.1'), v6('::1')],
  eth0: [v4('192.0.2.2'), v6('2001:db8::2'), v6('fe80::1', 4)],
};

function opened(...texts: string[]): string[] {
  return socketsToOpen(texts.map(parseEndpoint), 5301, INTERFACES).map(
    ({ port, sockets }) =>
      `${port}: ${sockets.map(({ transport, address }) => `${transport} ${address}`).join(', ')}`,
  );
}

describe('socketsToOpen', () => {
  it('gives an endpoint both transports and the default port', () => {
    expect(opened('127.0.0.1')).toEqual(['5301: udp 127.0.0.1, tcp 127.0.0.1']);
  });

  it('expands the wildcard of IPv4 into its local addresses, for UDP and TCP', () => {
    expect(opened('0.0.0.0:53')).toEqual(['53: udp 127.0.0.1, tcp 127.0.0.1, udp 192.0.2.2, tcp 192.0.2.2']);
  });

  it('expands the wildcard of IPv6, link-local addresses with their interface', () => {
    expect(opened('udp://[::]:53')).toEqual(['53: udp ::1, udp 2001:db8::2, udp fe80::1%eth0']);
  });

  it('expands * into the addresses of both families, on one port of the system', () => {
    expect(opened('tcp://*:0')).toEqual([
      '0: tcp 127.0.0.1, tcp ::1, tcp 192.0.2.2, tcp 2001:db8::2, tcp fe80::1%eth0',
    ]);
  });

  it('opens what is named twice once', () => {
    expect(opened('udp://127.0.0.1:53', '127.0.0.1:53', '0.0.0.0:53')).toEqual([
      '53: udp 127.0.0.1',
      '53: tcp 127.0.0.1',
      '53: udp 192.0.2.2, tcp 192.0.2.2',
    ]);
  });

  it('opens two ports of the system when asked twice', () => {
    expect(opened('udp://127.0.0.1:0', 'udp://127.0.0.1:0')).toHaveLength(2);
  });

  it('refuses a wildcard that stands for nothing', () => {
    expect(() => socketsToOpen([parseEndpoint('[::]:53')], 5301, { lo: [v4('127.0.0.1')] })).toThrow(
      new RangeError('no network interface has an address that :: stands for'),
    );
  });
});
