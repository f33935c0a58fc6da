import type { Behaviour } from './behaviour.ts';
import * as content from './content.ts';
import * as endings from './endings.ts';
import * as framing from './framing.ts';
import * as handshake from './handshake.ts';
import * as timing from './timing.ts';
import * as wrong from './wrong-responses.ts';

/** The behaviours that can be said in words: a name and at most numbers. */
export const NAMED_BEHAVIOURS: Readonly<Record<string, (...numbers: number[]) => Behaviour>> = {
  answer: timing.answer,
  delay: (ms = 100) => timing.delay(ms),
  reorder: (block = 10) => timing.reorder(block),
  shuffle: (block = 10, seed = 1) => timing.shuffle(block, seed),
  silence: timing.silence,
  closeAfter: (count = 1) => endings.closeAfter(count),
  finAfter: (count = 1) => endings.finAfter(count),
  resetAfter: (count = 1) => endings.resetAfter(count),
  halfCloseAfter: (count = 1) => endings.halfCloseAfter(count),
  alertAfter: (count = 1) => endings.alertAfter(count),
  closeWhenIdle: (ms = 1_000) => endings.closeWhenIdle(ms),
  wrongId: wrong.wrongId,
  wrongName: () => wrong.wrongQuestion('name'),
  wrongType: () => wrong.wrongQuestion('type'),
  wrongClass: () => wrong.wrongQuestion('class'),
  twoQuestions: wrong.twoQuestions,
  noQuestion: wrong.noQuestion,
  qr0: wrong.qr0,
  otherOpcode: wrong.otherOpcode,
  duplicate: wrong.duplicate,
  unasked: wrong.unasked,
  lowercaseQuestion: wrong.lowercaseQuestion,
  wrongCounts: wrong.wrongCounts,
  compressionLoop: wrong.compressionLoop,
  cutMessage: wrong.cutMessage,
  zeroLengthFrame: framing.zeroLengthFrame,
  shortFrame: framing.shortFrame,
  randomFrame: framing.randomFrame,
  randomGarbage: framing.randomGarbage,
  cutFrame: framing.cutFrame,
  splitFrames: framing.splitFrames,
  manyFramesPerRecord: (count = 10) => framing.manyFramesPerRecord(count),
  neverFinishHandshake: handshake.neverFinishHandshake,
  speakPlainDns: handshake.speakPlainDns,
  speakHttp: handshake.speakHttp,
  handshakeAlert: handshake.handshakeAlert,
  resetOnAccept: handshake.resetOnAccept,
  floodBeforeServerHello: handshake.floodBeforeServerHello,
  tls11Only: handshake.tls11Only,
  tls12Only: handshake.tls12Only,
  noAlpn: () => handshake.alpn(null),
  stopReading: handshake.stopReading,
  rcode: (value = 2) => content.rcode(value),
  extendedRcode: (value = 23) => content.extendedRcode(value),
  truncated: content.truncated,
  authenticData: content.authenticData,
  noOpt: content.noOpt,
  withOpt: () => content.withOpt(),
  padding: content.padding,
  keepalive: (hundredMs = 100) => content.keepalive(hundredMs),
  cookie: () => content.cookie(),
  ede: (infoCode = 0) => content.ede(infoCode, 'testbed'),
  bigAnswer: (bytes = 20_000) => content.bigAnswer(bytes),
  formerrOnOpt: content.formerrOnOpt,
  optInTheMiddle: content.optInTheMiddle,
};

/**
 * A behaviour from words: `silence`, `delay=200`, `shuffle=10,7`.
 *
 * @throws {RangeError} when the name is unknown or an argument is not a whole number.
 */
export function parseBehaviour(text: string): Behaviour {
  const [name = '', list] = text.split('=', 2);
  const make = Object.hasOwn(NAMED_BEHAVIOURS, name) ? NAMED_BEHAVIOURS[name] : undefined;
  if (make === undefined) {
    throw new RangeError(
      `no behaviour is called "${name}"; there are ${Object.keys(NAMED_BEHAVIOURS).join(', ')}`,
    );
  }
  const numbers = list === undefined ? [] : list.split(',');
  if (!numbers.every((number) => /^\d+$/.test(number))) {
    throw new RangeError(`behaviour "${name}" takes whole numbers, not "${list}"`);
  }
  return make(...numbers.map(Number));
}
