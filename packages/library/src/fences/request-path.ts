import type { Peer, Remote, Server } from 'native-dns-multisocket/lib/server.js';
import { isSafeToParse } from './safe-to-parse.ts';

/**
 * Fence: a message that the parser must not see is answered all the same, from its bytes.
 *
 * Without it every message that the library cannot parse becomes an `error` event of its server, and ends the process when
 * nobody listens. Its `catch` also takes what a listener of `request` throws for a parse error; here that is thrown on.
 *
 * @returns what to call for each message, in place of the library's own `handleMessage`
 */
export function guardParser<S, R extends Remote>(
  server: Server<S, R>,
  serve: (message: Buffer, remote: R, peer: Peer) => void,
): (message: Buffer, remote: R, peer: Peer) => void {
  const parseAndEmit = server.handleMessage;
  /** The message that the library is parsing just now: its `request` carries everything but the bytes. */
  let parsing: Buffer | undefined;

  server.on('request', (request) => {
    const message = parsing;
    parsing = undefined;
    if (message !== undefined) serve(message, request._socket, request.address);
  });
  server.on('error', (error) => {
    if (parsing === undefined) throw error;
  });

  return (message, remote, peer) => {
    if (!isSafeToParse(message)) {
      serve(message, remote, peer);
      return;
    }
    parsing = message;
    parseAndEmit.call(server, message, remote, peer);
    if (parsing === undefined) return;
    parsing = undefined;
    serve(message, remote, peer);
  };
}
