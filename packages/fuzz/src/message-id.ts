/** The ID of a message; -1: it is too short to have one. */
export function idOf(message: Buffer): number {
  return message.length < 2 ? -1 : message.readUInt16BE(0);
}

/** A copy with this ID; what is too short to have one stays as it is. */
export function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  if (copy.length >= 2) copy.writeUInt16BE(id, 0);
  return copy;
}
