import type { ListenerEvent, Transport } from '@tridot/listener';

/** How often each thing happened that nobody is answered about, by transport. */
export type ListenerEventCounts = Readonly<Record<Transport, Readonly<Record<ListenerEvent, number>>>>;

const NONE: Readonly<Record<ListenerEvent, number>> = {
  'overload-dropped': 0,
  'read-paused': 0,
  'unanswerable-dropped': 0,
  'send-failed': 0,
  'connection-opened': 0,
  'connection-refused': 0,
  'connection-evicted': 0,
  'connection-idle': 0,
  'connection-stalled': 0,
  'connection-hung-up': 0,
  'connection-failed': 0,
};

/** Counters that begin at 0, and the function that counts. */
export function countListenerEvents(): {
  readonly counts: ListenerEventCounts;
  readonly count: (event: ListenerEvent, transport: Transport) => void;
} {
  const counts = { udp: { ...NONE }, tcp: { ...NONE } };
  return {
    counts,
    count: (event, transport) => {
      counts[transport][event] += 1;
    },
  };
}
