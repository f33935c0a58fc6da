/**
 * The cases that prove the fences round the library, by the name of the fence: each fails when that fence alone is taken
 * away. A fence that no case can prove says why; its own package tests it.
 */
export const FENCE_CASES: Readonly<Record<string, readonly string[] | { readonly why: string }>> = {
  'native-dns-multisocket/lib/server.js': { why: 'it is about what importing the package does' },
  isSafeToParse: ['H18.itself', 'H18.each-other', 'H18.label-and-back', 'H18.chain', 'S5.udp', 'S5.tcp'],
  guardParser: ['H6.2', 'H17.tsig', 'H22.arcount', 'U5'],
  sendReply: ['C2.600', 'C2.1232', 'C2.4096', 'P24', 'T6', 'T11.out', 'T24'],
  datagramOutlet: { why: 'no client on the loopback can make the system refuse a datagram that we may send' },
  streamOutlet: ['T12', 'T12.memory'],
  keepHalfOpen: ['T13', 'T14'],
  sendAtOnce: ['T28'],
  surviveErrors: ['T15.close', 'T15.reset', 'S10', 'P23'],
  peerOf: ['S1.allowed'],
  stop: ['T5.no-more'],
  deliverEmptyFrame: ['T8'],
  gatherFrame: { why: 'it saves copies, and what that takes cannot be told from a busy machine' },
  isAnswerable: ['U6.unseen', 'U7'],
  hasRoom: ['R10', 'S3'],
  mayTake: ['T5.no-more', 'T12', 'P19.memory'],
  makeRoomFor: ['T21', 'T21.none-idle'],
  sweep: ['T12', 'T17', 'T17.never-used', 'T18', 'T22'],
  bound: ['Z1.exit-code'],
  closed: { why: 'the socket is let go a moment after it is closed, which no client can tell' },
  finishAll: ['Z9.idle'],
};
