/** Numbers that the protocol gives a meaning to, as far as a forwarder has to know them. */

/** Operation codes (RFC 1035 §4.1.1, RFC 1996, RFC 2136, RFC 8490). */
export const OPCODE = { QUERY: 0, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;

/** Response codes (RFC 1035 §4.1.1); those above 15 need an OPT record (RFC 6891 §6.1.3). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

/** Record types that are treated in a way of their own. */
export const TYPE = {
  SIG: 24,
  OPT: 41,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
} as const;

/** EDNS option codes that concern one hop only, that we write ourselves, or that may be taken out (RFC 7871). */
export const OPTION = { ECS: 8, COOKIE: 10, KEEPALIVE: 11, PADDING: 12, EXTENDED_ERROR: 15 } as const;

/** Info codes of extended errors (RFC 8914 §4). */
export const EDE = {
  OTHER: 0,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
} as const;
