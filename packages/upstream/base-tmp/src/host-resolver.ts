import { type LookupAddress, lookup } from 'node:dns';
import { isIP } from 'node:net';

type Lookup = (host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const systemLookup: Lookup = (host, done) => lookup(host, { all: true }, done);

/** Finds the addresses of an upstream that is given by name. */
export type HostResolver = (done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/**
 * Asks the system's resolver, which may be this very process: then it answers only once we have. So there is never more than
 * one question under way, however often it is asked, and the dial's own timeout ends the wait; a thread of the system's
 * resolver is all that a loop can take. Addresses that were found once serve while a later question fails or hangs.
 */
export function createHostResolver(host: string, find: Lookup = systemLookup): HostResolver {
  const family = isIP(host.replace(/%.*$/, ''));
  if (family !== 0) return (done) => done(null, [{ address: host, family }]);

  let known: LookupAddress[] = [];
  let waiting: Parameters<HostResolver>[0][] | null = null;
  return (done) => {
    if (waiting !== null) {
      if (known.length > 0) done(null, known);
      else waiting.push(done);
      return;
    }
    waiting = [done];
    find(host, (error, addresses) => {
      if (error === null && addresses.length > 0) known = addresses;
      const asked = waiting ?? [];
      waiting = null;
      const failure = known.length > 0 ? null : (error ?? new Error(`no address for ${host}`));
      for (const tell of asked) tell(failure, known);
    });
  };
}
