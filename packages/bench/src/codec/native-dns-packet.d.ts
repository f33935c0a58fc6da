/** Types of what is used of native-dns-packet 0.1.1, which ships none. */
declare module 'native-dns-packet' {
  interface DecodedPacket {
    readonly header: { id: number };
    readonly question: readonly unknown[];
  }

  const Packet: {
    parse(message: Buffer): DecodedPacket;
    /** @returns how many octets were written. */
    write(target: Buffer, packet: DecodedPacket): number;
  };
  // biome-ignore lint/style/noDefaultExport: it is a CommonJS module whose export this is.
  export default Packet;
}
