import type { UpstreamLimits } from './limits.ts';
import type { MessageIds } from './message-ids.ts';
import type { UpstreamObserver } from './observer.ts';
import type { QueryOwner } from './server.ts';

/** What all servers of one group share. */
export interface ServerContext {
  readonly limits: UpstreamLimits;
  readonly ids: MessageIds;
  readonly observer: UpstreamObserver;
  readonly owner: QueryOwner;
}
