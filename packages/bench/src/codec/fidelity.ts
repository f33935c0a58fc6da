import { questionEnd, recordsOf } from '@tridot/testbed';
import type { Codec } from './codecs.ts';
import type { NamedMessage } from './messages.ts';

/** Which messages a codec changes or refuses when it passes them on with the ID that they have. */
export function fidelityOf(codec: Codec, messages: readonly NamedMessage[]) {
  const changed: string[] = [];
  const refused: string[] = [];
  for (const { name, octets } of messages) {
    try {
      const passed = codec.passOn(Buffer.from(octets), octets.readUInt16BE(0));
      if (meaningOf(passed) !== meaningOf(octets)) changed.push(name);
    } catch {
      refused.push(name);
    }
  }
  return { changed, refused };
}

/** TYPE, CLASS, TTL and RDLENGTH. */
const RECORD_FIXED_BYTES = 10;

/** Equal for messages that say the same. Owner names are left out, since they may be compressed in another way. */
function meaningOf(message: Buffer): string {
  const records = recordsOf(message).map(({ rdataStart, end }) =>
    message.subarray(rdataStart - RECORD_FIXED_BYTES, end).toString('hex'),
  );
  return [message.subarray(0, questionEnd(message)).toString('hex'), ...records].join('\n');
}
