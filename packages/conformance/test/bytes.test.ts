import { query as testbedQuery } from '@tridot/testbed';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aRecord,
  labels,
  message,
  name,
  opt,
  POINTER_TO_QNAME,
  query,
  ROOT,
  record,
} from '../src/bytes/build.ts';
import { FLAG, TYPE } from '../src/bytes/numbers.ts';
import { hasFlag, optionsOf, read, withoutOpt } from '../src/bytes/read.ts';

describe('building and reading messages', () => {
  it('writes the octets that the testbed writes', () => {
    const edns = { udpSize: 1_400, dnssecOk: true, z: 5, options: [{ code: 3, data: Buffer.from([7]) }] };
    const ours = query({ id: 5, name: 'www.example.com', type: TYPE.AAAA, opt: edns });
    expect(ours).toEqual(testbedQuery({ id: 5, name: 'www.example.com', type: 'AAAA', edns }));
  });

  it('reads back every octet of a name, a record and an option', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((octets) => Buffer.from(octets));
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), fc.uint8Array(), fc.nat(0xffff), (parts, data, id) => {
        const rdata = Buffer.from(data);
        const octets = query({
          id,
          name: labels(parts),
          type: 65_280,
          answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, ttl: 0xffff_ffff, rdata })],
          opt: { options: [{ code: 65_001, data: rdata }] },
        });
        const seen = read(octets);
        expect(seen.id).toBe(id);
        expect(seen.questions[0]?.name).toEqual(labels(parts));
        expect(seen.answers[0]).toEqual({
          owner: labels(parts),
          type: 65_280,
          class: 1,
          ttl: 0xffff_ffff,
          rdata,
        });
        expect(optionsOf(seen, 65_001)).toEqual([rdata]);
      }),
    );
  });

  it('never does anything but return or throw an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        try {
          read(Buffer.from(octets));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it('refuses counts that are not true, loops, and cut records', () => {
    const question = [{ name: name('example.com') }];
    expect(() => read(message({ questions: question, counts: [1, 1, 0, 0] }))).toThrow('over the end');
    expect(() => read(message({ questions: [{ name: Buffer.from([0xc0, 12]) }] }))).toThrow('backwards');
    expect(() =>
      read(message({ questions: question, answers: [aRecord('192.0.2.1').subarray(0, 14)] })),
    ).toThrow();
  });

  it('keeps flags, tail and the OPT apart from the rest', () => {
    const spec = { id: 1, questions: [{ name: ROOT }], flags: FLAG.QR | FLAG.TC | FLAG.CD };
    const seen = read(
      message({ ...spec, additionals: [opt({ extendedRcode: 1 })], rcode: 2, tail: Buffer.from('x') }),
    );
    expect(seen.rcode).toBe(18);
    expect([hasFlag(seen, 'TC'), hasFlag(seen, 'AA'), seen.tail.toString()]).toEqual([true, false, 'x']);
    expect(withoutOpt({ ...seen, rcode: 2 })).toEqual(withoutOpt(read(message({ ...spec, rcode: 2 }))));
  });
});
