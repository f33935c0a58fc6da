import { SUBJECTS } from '@tridot/peers';
import type { Subject } from '../subject.ts';
import { peerSubject } from './peer-subject.ts';
import { PROGRAM_NAMES, tridotSubject } from './tridot-subject.ts';

const PEERS = SUBJECTS.filter((peer) => peer.kind === 'peer');

/** Every subject that can be asked for by name, ours first. */
export const SUBJECT_NAMES: readonly string[] = [...PROGRAM_NAMES, ...PEERS.map((peer) => peer.name)];

/** Those whose program is on this machine. */
export function installedSubjects(): string[] {
  return [...PROGRAM_NAMES, ...PEERS.filter((peer) => peer.installed()).map((peer) => peer.name)];
}

/** @throws {RangeError} when there is none of that name, or it is not installed. */
export function subjectNamed(name: string): Subject {
  const program = PROGRAM_NAMES.find((each) => each === name);
  if (program !== undefined) return tridotSubject(program);
  const peer = PEERS.find((each) => each.name === name);
  if (peer === undefined) throw new RangeError(`no subject is called ${name}`);
  if (!peer.installed()) throw new RangeError(`${name} is not installed`);
  return peerSubject(peer);
}
