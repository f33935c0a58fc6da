/** The octets of a query for the A record of a name, recursion desired, without EDNS: what dnsperf sends too. */
export function encodeQuery(name: string, messageId: number): Buffer {
  const header = Buffer.from('000001000001000000000000', 'hex');
  header.writeUInt16BE(messageId & 0xffff, 0);
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([header, ...labels, Buffer.from('0000010001', 'hex')]);
}
