/** An option is out of its range. */
export class OptionError extends RangeError {
  override readonly name = 'OptionError';
  readonly code = 'ERR_OPTION';
}

/** The method cannot be called in this state of the server, reader or writer. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly code = 'ERR_STATE';
}

/** The peer ended its stream in the middle of what was to be read. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError';
  readonly code = 'ERR_INCOMPLETE_READ';
  /** What did come. */
  readonly partial: Buffer;

  constructor(wantedBytes: number, partial: Buffer) {
    super(`the stream ended after ${partial.length} of ${wantedBytes} octets`);
    this.partial = partial;
  }
}

/** The connection is gone: reset by the peer, timed out, or closed by this side. `cause` is the system's error, if any. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
  readonly code = 'ERR_CONNECTION_LOST';

  constructor(cause?: Error) {
    super(cause === undefined ? 'the connection was closed' : `the connection was lost: ${cause.message}`, {
      cause,
    });
  }
}
