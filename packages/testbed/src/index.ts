/** A scriptable DNS-over-TLS upstream, a throwaway CA, stub clients and hostile messages. See README.md. */

export type { Behaviour, Exchange, TlsOverride } from './behaviours/index.ts';
export * as behaviours from './behaviours/index.ts';
export type { Hold } from './behaviours/timing.ts';
export type { Connection } from './connection.ts';
export { type EmbeddedUpstreamOptions, startEmbeddedUpstream } from './embedded.ts';
export { FrameReader } from './frame-reader.ts';
export { type HostileMessage, type HostileOutcome, hostileMessages } from './hostile-messages.ts';
export type { ConnectionEnd, Journal, JournalConnection, JournalQuery, TlsFacts } from './journal.ts';
export { type Limit, TESTBED_LIMITS } from './limits.ts';
export * from './message.ts';
export { decodeName, encodeName } from './names.ts';
export * from './query.ts';
export { seededOctets, seededRandom } from './random.ts';
export { connectTcp, type TcpClient, type TcpClientOptions, type TcpEnd } from './tcp-client.ts';
export * from './test-ca.ts';
export { createUdpClient, type Datagram, type UdpClient, type UdpClientOptions } from './udp-client.ts';
export { type Answerer, startUpstream, type TestUpstream, type UpstreamOptions } from './upstream.ts';
export { Signal, type WaitOptions, WaitTimeoutError } from './wait.ts';
export { answerFromZone } from './zone.ts';
export { nameDigest, tokenAddress } from './zone-synthesis.ts';
