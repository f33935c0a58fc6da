/**
 * Three ways to handle the same messages: by offsets, as the forwarder does, and by two codecs that decode everything.
 */
import { qtypeOf, setMessageId, walk } from '@tridot/wire';
import type { CodecName } from './result.ts';

export interface Codec {
  readonly name: CodecName;
  /** Reads the message so far that its question is known and its records are seen to be well-formed. */
  read(message: Buffer): number;
  /** The same message with another ID, ready to be sent on. */
  passOn(message: Buffer, messageId: number): Buffer;
}

/** What its own server takes for a reply. */
const NATIVE_BUFFER_BYTES = 4_096;

/** Only the one that is asked for is loaded. */
export async function loadCodec(name: CodecName): Promise<Codec> {
  if (name === 'wire') return wire;
  return name === 'dns-packet' ? dnsPacket() : nativeDnsPacket();
}

const wire: Codec = {
  name: 'wire',
  read(message) {
    const layout = walk(message);
    return layout.fault === null ? qtypeOf(message, layout) : -1;
  },
  passOn(message, messageId) {
    if (walk(message).fault !== null) throw new RangeError('malformed message');
    const copy = Buffer.allocUnsafe(message.length);
    message.copy(copy);
    setMessageId(copy, messageId);
    return copy;
  },
};

async function dnsPacket(): Promise<Codec> {
  const { decode, encode } = await import('dns-packet');
  return {
    name: 'dns-packet',
    read: (message) => decode(message).questions?.length ?? 0,
    passOn(message, messageId) {
      const packet = decode(message);
      packet.id = messageId;
      return encode(packet);
    },
  };
}

async function nativeDnsPacket(): Promise<Codec> {
  const { default: Packet } = await import('native-dns-packet');
  return {
    name: 'native-dns-packet',
    read: (message) => Packet.parse(message).question.length,
    passOn(message, messageId) {
      const packet = Packet.parse(message);
      packet.header.id = messageId;
      const target = Buffer.alloc(Math.max(NATIVE_BUFFER_BYTES, 2 * message.length));
      return target.subarray(0, Packet.write(target, packet));
    },
  };
}
