import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, recordsOf, sameQuestionOctets } from '../src/message.ts';
import { encodeName } from '../src/names.ts';
import { type QueryFields, query } from '../src/query.ts';
import { answerFromZone } from '../src/zone.ts';
import { nameDigest, tokenAddress } from '../src/zone-synthesis.ts';

function ask(fields: QueryFields): Buffer {
  return answerFromZone(query(fields)) ?? Buffer.alloc(0);
}

function data(name: string, type: QueryFields['type'], edns?: QueryFields['edns']): unknown[] {
  const response = dnsPacket.decode(
    ask({ name, type: type ?? 'A', ...(edns === undefined ? {} : { edns }) }),
  );
  return (response.answers ?? []).map((answer) => ('data' in answer ? answer.data : null));
}

const rcodeOf = (fields: QueryFields) => (ask(fields)[3] ?? 0) & 15;

describe('the fixed names', () => {
  it('example.com has a record of each sort', () => {
    expect(data('example.com', 'A')).toEqual(['192.0.2.1']);
    expect(data('example.com', 'AAAA')).toEqual(['2001:db8::1']);
    expect(data('example.com', 'MX')).toMatchObject([
      { preference: 10, exchange: 'mail.example.com' },
      { preference: 20, exchange: 'mail2.example.com' },
    ]);
    expect(String(data('example.com', 'TXT')[0])).toBe('v=spf1 -all');
    expect(data('example.com', 'SOA')).toMatchObject([{ mname: 'ns1.example.com', minimum: 60 }]);
    expect(data('example.com', 'NS')).toEqual(['ns1.example.com', 'ns2.example.com']);
    expect(data('example.com', 'CAA')).toMatchObject([{ flags: 0, tag: 'issue', value: 'ca.example.net' }]);
    expect(data('example.com', 'ANY')).toMatchObject([{ cpu: 'RFC8482' }]);
    expect(data('example.com', 'HTTPS')).toEqual([
      Buffer.from('00010000010006026832026833000400'.concat('04c0000201'), 'hex'),
    ]);
  });

  it('an unknown type has octets that look like pointers', () => {
    expect(data('example.com', 65_280)).toEqual([Buffer.from('c00cc00cffff', 'hex')]);
  });

  it('www is an alias, and the chain is in the answer', () => {
    const response = dnsPacket.decode(ask({ name: 'www.example.com' }));
    expect(response.answers).toMatchObject([
      { name: 'www.example.com', type: 'CNAME', data: 'example.com' },
      { name: 'example.com', type: 'A', data: '192.0.2.1' },
    ]);
    expect(data('www.example.com', 'CNAME')).toEqual(['example.com']);
  });

  it('signatures come with DO, and AD with DO or AD', () => {
    const types = (edns?: QueryFields['edns']) => {
      const response = dnsPacket.decode(
        ask({ name: 'signed.example.com', ...(edns === undefined ? {} : { edns }) }),
      );
      return [response.answers?.map(({ type }) => type), response.flag_ad];
    };
    expect(types()).toEqual([['A'], false]);
    expect(types({})).toEqual([['A'], false]);
    expect(types({ dnssecOk: true })).toEqual([['A', 'RRSIG'], true]);
  });

  it('big.example.com is about 60 KB', () => {
    const response = ask({ name: 'big.example.com', type: 'TXT' });
    expect(response.length).toBeGreaterThan(59_000);
    expect(response.length).toBeLessThan(65_000);
    expect(dnsPacket.decode(response).answers).toHaveLength(240);
  });

  it('NXDOMAIN and NODATA carry the SOA', () => {
    for (const [name, rcode] of [
      ['nxdomain.example.com', 3],
      ['below.nxdomain.example.com', 3],
      ['nothing.example.com', 0],
    ] as const) {
      const response = ask({ name });
      expect((response[3] ?? 0) & 15).toBe(rcode);
      expect(dnsPacket.decode(response)).toMatchObject({
        answers: [],
        authorities: [{ name: 'example.com', type: 'SOA', ttl: 60 }],
      });
    }
  });

  it('refuses other domains, and other classes but version.bind', () => {
    expect(rcodeOf({ name: 'example.net' })).toBe(5);
    expect(rcodeOf({ name: 'xexample.com' })).toBe(5);
    expect(rcodeOf({ name: 'example.com', class: 'HS' })).toBe(5);
    expect(dnsPacket.decode(ask({ name: 'version.bind', type: 'TXT', class: 'CH' })).answers).toHaveLength(1);
  });
});

describe('names with a number', () => {
  it.each([1, 40, 60])('records-%i has that many', (count) => {
    expect(data(`records-${count}.example.com`, 'A')).toHaveLength(count);
    expect(new Set(data(`records-${count}.example.com`, 'AAAA')).size).toBe(count);
  });

  it('size-N is exactly that long, for every type and with or without OPT', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 65_535 }),
        fc.constantFrom<QueryFields['type']>('A', 'TXT', 'UNKNOWN'),
        fc.boolean(),
        (bytes, type, withEdns) => {
          const response = ask({
            name: `size-${bytes}.example.com`,
            type: type ?? 'A',
            ...(withEdns ? { edns: {} } : {}),
          });
          expect(response).toHaveLength(bytes);
          expect(recordsOf(response).at(-1)?.end).toBe(bytes);
        },
      ),
    );
    expect(
      dnsPacket.decode(ask({ name: 'size-1232.example.com', type: 'TXT', edns: {} })).answers,
    ).toHaveLength(1);
    expect(rcodeOf({ name: 'size-20.example.com' })).toBe(5);
  });

  it.each([0, 2, 9, 23, 3841])('rcode-%i', (rcode) => {
    const response = ask({ name: `rcode-${rcode}.example.com`, edns: {} });
    const opt = recordsOf(response)[0]?.start ?? 0;
    expect(((response[opt + 5] ?? 0) << 4) | ((response[3] ?? 0) & 15)).toBe(rcode);
  });
});

describe('any other name', () => {
  it('answers with its own digest, letter case aside', () => {
    expect(data('token-1.example.com', 'A')).toEqual([tokenAddress('token-1.example.com')]);
    expect(data('TOKEN-1.example.com', 'A')).toEqual([tokenAddress('token-1.example.com')]);
    expect(String(data('token-1.example.com', 'TXT')[0])).toBe(`digest=${nameDigest('Token-1.example.com')}`);
    expect(String(data('token-1.example.com', 'AAAA')[0])).toMatch(/^2001:db8:/);
    expect(new Set(Array.from({ length: 1_000 }, (_, i) => nameDigest(`token-${i}.example.com`))).size).toBe(
      1_000,
    );
  });

  it('below wild.example.com it is the wildcard', () => {
    expect(data('anything.wild.example.com', 'A')).toEqual(['192.0.2.42']);
    expect(data('a.b.wild.example.com', 'A')).toEqual(['192.0.2.42']);
  });

  it('takes any octets in a label', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(label, (octets) => {
        const name = Buffer.concat([Buffer.from([octets.length]), octets, encodeName('example.com')]);
        const asked = query({ name, type: 'AAAA' });
        const response = answerFromZone(asked) ?? Buffer.alloc(0);
        expect(answers(asked, response) && sameQuestionOctets(asked, response)).toBe(true);
        expect(response.readUInt16BE(6)).toBe(1);
      }),
    );
  });
});

describe('what every response has', () => {
  it('ID, RD, CD and question of the query, QR and RA, and an OPT if the query had one', () => {
    const asked = query({
      name: 'eXample.com',
      id: 0xabcd,
      flags: ['cd'],
      edns: { dnssecOk: true, udpSize: 4096 },
    });
    expect(dnsPacket.decode(answerFromZone(asked) ?? asked)).toMatchObject({
      id: 0xabcd,
      type: 'response',
      flag_rd: false,
      flag_ra: true,
      flag_cd: true,
      flag_aa: false,
      questions: [{ name: 'eXample.com' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 1232, flag_do: true }],
    });
  });

  it('is NOTIMP, BADVERS or FORMERR for what it does not do', () => {
    expect(rcodeOf({ name: 'example.com', opcode: 5 })).toBe(4);
    const badVersion = ask({ name: 'example.com', edns: { version: 1 } });
    expect([(badVersion[3] ?? 0) & 15, badVersion[recordsOf(badVersion)[0]?.start ?? 0]]).toEqual([0, 0]);
    expect(badVersion[(recordsOf(badVersion)[0]?.start ?? 0) + 5]).toBe(1);
    const two = query({ name: 'example.com' });
    two.writeUInt16BE(2, 4);
    expect((answerFromZone(two)?.[3] ?? 0) & 15).toBe(1);
  });

  it('never throws and never answers a response', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const response = answerFromZone(Buffer.from(octets));
        if (octets.length < 12 || ((octets[2] ?? 0) & 0x80) !== 0) expect(response).toBeNull();
        else expect(response?.readUInt16BE(0)).toBe(Buffer.from(octets).readUInt16BE(0));
      }),
      { numRuns: 2_000 },
    );
  });
});
