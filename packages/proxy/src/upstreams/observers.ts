import type { UpstreamObserver } from '@tridot/upstream';

/** Tells two observers the same. */
export function both(first: UpstreamObserver, second: UpstreamObserver): UpstreamObserver {
  return {
    connectionOpened(event) {
      first.connectionOpened?.(event);
      second.connectionOpened?.(event);
    },
    connectionClosed(event) {
      first.connectionClosed?.(event);
      second.connectionClosed?.(event);
    },
    dialFailed(error) {
      first.dialFailed?.(error);
      second.dialFailed?.(error);
    },
    queryRetried(upstream, why) {
      first.queryRetried?.(upstream, why);
      second.queryRetried?.(upstream, why);
    },
    queryHedged(upstream) {
      first.queryHedged?.(upstream);
      second.queryHedged?.(upstream);
    },
    clientCertificateRead(event) {
      first.clientCertificateRead?.(event);
      second.clientCertificateRead?.(event);
    },
    strayMessage(upstream, kind) {
      first.strayMessage?.(upstream, kind);
      second.strayMessage?.(upstream, kind);
    },
  };
}
