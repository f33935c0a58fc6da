/** `192.0.2.1` for the name at octet 12, for 300 s. */
const ANSWER = Buffer.from('c00c000100010000012c0004c0000201', 'hex');
const QR_RD_RA = 0x8180;

/** The least that can be called an answer: the query, its response bit, one address. Nothing is looked up. */
export function answerFromMemory(query: Buffer): Buffer | null {
  if (query.length < 12) return null;
  const reply = Buffer.allocUnsafe(query.length + ANSWER.length);
  query.copy(reply);
  ANSWER.copy(reply, query.length);
  reply.writeUInt16BE(QR_RD_RA, 2);
  reply.writeUInt16BE(1, 6);
  return reply;
}
