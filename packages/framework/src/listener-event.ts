import type { ListenerEvent } from '@tridot/listener';
import type { ServerEvent } from '@tridot/socketserver';

/** The framework counts the same things in words of its own. */
export const LISTENER_EVENT: Readonly<Record<ServerEvent, ListenerEvent>> = {
  'request-dropped': 'overload-dropped',
  'send-failed': 'send-failed',
  'connection-opened': 'connection-opened',
  'connection-refused': 'connection-refused',
  'connection-evicted': 'connection-evicted',
  'connection-idle': 'connection-idle',
  'connection-stalled': 'connection-stalled',
  'connection-failed': 'connection-failed',
};
