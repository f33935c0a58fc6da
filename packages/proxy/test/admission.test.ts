import { type Client, HANG_UP, type Transport } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../src/addresses/address-range.ts';
import { createAddressSet } from '../src/addresses/address-set.ts';
import { type AdmissionOptions, admit } from '../src/admission/admission.ts';
import { allowedRanges } from '../src/admission/allowed-clients.ts';
import { rcodeOfReply } from '../src/metrics/reply-rcode.ts';

const REPLY = Buffer.from('the handler');
const QUESTION = [1, 97, 0, 0, 1, 0, 1];
const QUERY = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...QUESTION]);
const WITH_OPT = Buffer.concat([QUERY, Buffer.from([0, 0, 41, 16, 0, 0, 0, 0x80, 0, 0, 0])]);
WITH_OPT[11] = 1;
const RESPONSE = Buffer.from(QUERY);
RESPONSE[2] = 0x81;

const client = (transport: Transport, address = '192.0.2.1'): Client => ({ transport, address, port: 4_000 });

function subject(options: Partial<AdmissionOptions> = {}) {
  const denied: string[] = [];
  const handle = admit(() => REPLY, {
    allowed: createAddressSet([parseRange('127.0.0.0/8')]),
    denied: 'refuse',
    rateLimiter: null,
    rateLimited: 'truncate',
    udpPayloadBytes: 1_232,
    onDenied: (denial, { address }) => void denied.push(`${denial} ${address}`),
    ...options,
  });
  return { handle, denied };
}

function octets(reply: unknown): Buffer {
  if (!Buffer.isBuffer(reply)) throw new Error('no octets');
  return reply;
}

describe('admit', () => {
  it('lets through who is allowed', () => {
    const { handle, denied } = subject();
    expect(handle(QUERY, client('udp', '127.0.0.2'))).toBe(REPLY);
    expect(denied).toEqual([]);
  });

  it('is the handler itself when nothing is to be checked', () => {
    const handler = () => null;
    const everybody = createAddressSet(['0.0.0.0/0', '::/0'].map(parseRange));
    const options = { denied: 'drop', rateLimiter: null, rateLimited: 'drop', udpPayloadBytes: 512 } as const;
    expect(admit(handler, { ...options, allowed: everybody, onDenied: () => {} })).toBe(handler);
  });

  it.each(['udp', 'tcp'] as const)(
    'refuses others over %s, with EDE 18 if the query had an OPT',
    (transport) => {
      const { handle, denied } = subject();
      const plain = octets(handle(QUERY, client(transport)));
      expect(plain.subarray(0, 2)).toEqual(QUERY.subarray(0, 2));
      expect(plain.subarray(12)).toEqual(QUERY.subarray(12));
      expect(rcodeOfReply(plain)).toBe(5);
      const extended = octets(handle(WITH_OPT, client(transport)));
      expect(rcodeOfReply(extended)).toBe(5);
      expect([...extended.subarray(-6)]).toEqual([0, 15, 0, 2, 0, 18]);
      expect(denied).toEqual(['not-allowed 192.0.2.1', 'not-allowed 192.0.2.1']);
    },
  );

  it('says nothing to others when told so, and ends their connections', () => {
    const { handle } = subject({ denied: 'drop' });
    expect(handle(QUERY, client('udp'))).toBeNull();
    expect(handle(QUERY, client('tcp'))).toBe(HANG_UP);
  });

  it.each([
    ['a response', RESPONSE],
    ['less than a header', QUERY.subarray(0, 11)],
    ['nothing', Buffer.alloc(0)],
  ])('never answers %s of others', (_title, message) => {
    const { handle } = subject();
    expect(handle(message, client('udp'))).toBeNull();
    expect(handle(message, client('tcp'))).toBe(HANG_UP);
    const limited = subject({
      allowed: createAddressSet([parseRange('0.0.0.0/0')]),
      rateLimiter: () => false,
    });
    expect(limited.handle(message, client('udp'))).toBeNull();
  });

  it('truncates over the rate: TC, the question, no records, and never longer than the query', () => {
    const { handle, denied } = subject({ rateLimiter: () => false });
    for (const query of [QUERY, WITH_OPT]) {
      const reply = octets(handle(query, client('udp', '127.0.0.1')));
      expect((reply[2] ?? 0) & 0x82).toBe(0x82);
      expect(rcodeOfReply(reply)).toBe(0);
      expect([...reply.subarray(4, 10)]).toEqual([0, 1, 0, 0, 0, 0]);
      expect(reply.length).toBeLessThanOrEqual(query.length);
    }
    expect(denied).toEqual(['rate-limited 127.0.0.1', 'rate-limited 127.0.0.1']);
  });

  it('drops over the rate when told so', () => {
    const { handle } = subject({ rateLimiter: () => false, rateLimited: 'drop' });
    expect(handle(QUERY, client('udp', '127.0.0.1'))).toBeNull();
  });

  it('leaves TCP out of the rate', () => {
    const { handle } = subject({ rateLimiter: () => false });
    expect(handle(QUERY, client('tcp', '127.0.0.1'))).toBe(REPLY);
  });
});

describe('allowedRanges', () => {
  const loopback = ['127.0.0.0/8', '::1/128'];

  it.each([[['127.0.0.1']], [['127.0.0.2:53', 'udp://[::1]:53']]])('are this machine for %j', (listen) => {
    expect(allowedRanges(undefined, listen)).toEqual(loopback);
  });

  it('are what is given', () => {
    expect(allowedRanges(['10.0.0.0/8'], ['0.0.0.0'])).toEqual(['10.0.0.0/8']);
  });

  it.each(['0.0.0.0', '*:53', '[::]', '192.0.2.1', '[2001:db8::1]:53'])(
    'have to be given for %s',
    (address) => {
      expect(() => allowedRanges(undefined, ['127.0.0.1', address])).toThrow(
        `--allow: is needed, since other machines can reach ${address}; say who may ask, as in --allow 192.0.2.0/24 (everybody: --allow 0.0.0.0/0 --allow ::/0)`,
      );
    },
  );
});
