/** The extension types of a ClientHello in its TLS record (RFC 8446 §4.1.2). */
export function clientHelloExtensions(record: Buffer): number[] {
  // Record header 5, handshake header 4, version 2, random 32.
  let at = 43;
  at += 1 + record.readUInt8(at);
  at += 2 + record.readUInt16BE(at);
  at += 1 + record.readUInt8(at);
  const end = at + 2 + record.readUInt16BE(at);
  at += 2;
  const types: number[] = [];
  while (at + 4 <= Math.min(end, record.length)) {
    types.push(record.readUInt16BE(at));
    at += 4 + record.readUInt16BE(at + 2);
  }
  return types;
}
