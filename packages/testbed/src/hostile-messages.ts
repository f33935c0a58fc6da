import { ednsMessages } from './hostile/edns.ts';
import { operations, questionCounts, recordCounts, responses, tooShort } from './hostile/headers.ts';
import type { HostileMessage } from './hostile/message.ts';
import { nameMessages } from './hostile/names.ts';

export type { HostileMessage, HostileOutcome } from './hostile/message.ts';

/** Every message, in groups: too short, responses, questions, names, counts, EDNS, operations. */
export function hostileMessages(): HostileMessage[] {
  return [
    ...tooShort(),
    ...responses(),
    ...questionCounts(),
    ...nameMessages(),
    ...recordCounts(),
    ...ednsMessages(),
    ...operations(),
  ];
}
