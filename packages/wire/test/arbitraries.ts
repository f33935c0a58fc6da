/** Random messages for property tests. */
import fc from 'fast-check';
import { message, name, opt, option, question, record } from './build-message.ts';
import type { NamedMessage, NamedRecord } from './compressed-message.ts';
import { OPT_IN_THE_MIDDLE } from './compressed-message.ts';

const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** Labels of octets of every value. */
const anyName = fc
  .array(
    fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 12,
    }),
    { maxLength: 5 },
  )
  .map((labels) => name(labels.map((label) => label.replaceAll('.', '-')).join('.')));

const anyRecord = fc
  .record({
    owner: anyName,
    type: fc
      .integer({ min: 1, max: 65535 })
      .filter((type) => type !== 41 && type !== 24 && type !== 249 && type !== 250),
    ttl: fc.nat(0xffff_ffff),
    rdata: octets(40),
  })
  .map(record);

const anyOption = fc
  .tuple(fc.oneof(fc.integer({ min: 8, max: 15 }), fc.nat(65535)), octets(24))
  .map(([code, data]) => option(code, data));

const anyOpt = fc
  .record({ udpSize: fc.nat(65535), flags: fc.nat(65535), options: fc.array(anyOption, { maxLength: 6 }) })
  .map(opt);

/** A well-formed message with at most one OPT, anywhere in its additional section. */
export const anyMessage = fc
  .record({
    id: fc.nat(65535),
    flags: fc.nat(65535),
    questions: fc.array(
      anyName.chain((qname) => fc.nat(200).map((qtype) => question(qname, qtype))),
      { maxLength: 1 },
    ),
    answers: fc.array(anyRecord, { maxLength: 30 }),
    authorities: fc.array(anyRecord, { maxLength: 3 }),
    additionals: fc.array(anyRecord, { maxLength: 3 }),
    edns: fc.option(fc.tuple(anyOpt, fc.nat(3))),
    trailing: fc.oneof(
      { weight: 5, arbitrary: fc.constant(Buffer.alloc(0)) },
      { weight: 1, arbitrary: octets(8) },
    ),
  })
  .map(({ edns, ...parts }) => {
    const additionals = [...parts.additionals];
    if (edns !== null) additionals.splice(edns[1], 0, edns[0]);
    return message({ ...parts, additionals });
  });

const plainName = fc
  .array(fc.constantFrom('a', 'b', 'www', 'example', 'ns1', 'mail'), { minLength: 1, maxLength: 4 })
  .map((labels) => `${labels.join('.')}.test`);

const number = (bytes: number) => fc.constant(Buffer.alloc(bytes, 7));

const rdata: fc.Arbitrary<readonly [number, readonly (string | Buffer)[]]> = fc.oneof(
  fc.tuple(fc.constantFrom(2, 5, 12), fc.tuple(plainName)),
  fc.tuple(fc.constant(6), fc.tuple(plainName, plainName, number(20))),
  fc.tuple(fc.constant(15), fc.tuple(number(2), plainName)),
  fc.tuple(fc.constant(17), fc.tuple(plainName, plainName)),
  fc.tuple(fc.constant(33), fc.tuple(number(6), plainName)),
  fc.tuple(
    fc.constant(35),
    plainName.map((text) => [Buffer.alloc(4), Buffer.from('\u0001u\u0003E2U\u0000', 'latin1'), text]),
  ),
  fc.tuple(fc.constant(1), fc.tuple(number(4))),
);

const namedRecord: fc.Arbitrary<NamedRecord> = fc
  .tuple(plainName, rdata)
  .map(([owner, [type, parts]]) => ({ owner, type, rdata: parts }));

/** A response whose names share few labels, so that nearly all are compressed, with OPT anywhere among them. */
export const namedMessage: fc.Arbitrary<NamedMessage> = fc
  .record({
    qname: plainName,
    answers: fc.array(namedRecord, { maxLength: 4 }),
    additionals: fc.array(namedRecord, { minLength: 1, maxLength: 6 }),
    index: fc.nat(6),
  })
  .map(({ index, ...rest }) => ({ ...rest, opt: { octets: OPT_IN_THE_MIDDLE, index } }));
