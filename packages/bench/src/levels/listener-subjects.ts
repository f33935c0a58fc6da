import { fileURLToPath } from 'node:url';
import { STRATEGY_NAMES, type Subject, startNodeProgram } from '@tridot/peers';

const PROGRAM = fileURLToPath(new URL('./listener-main.ts', import.meta.url));

/** Bare sockets: the least that Node can serve a query for. Not a forwarder. */
export const ECHO = listenerSubject('echo', 'baseline');

/** Each strategy with a handler that answers from memory, and bare sockets. They forward nothing. */
export const LISTENER_SUBJECTS: readonly Subject[] = [
  ...STRATEGY_NAMES.map((name) => listenerSubject(name, 'tridot')),
  ECHO,
];

function listenerSubject(name: string, kind: Subject['kind'], program = PROGRAM): Subject {
  return {
    name,
    kind,
    caches: false,
    installed: () => true,
    version: () => '',
    start: ({ port, core, nodeFlags = [] }) =>
      startNodeProgram({ name: `listener-${name}`, nodeFlags, program, args: [name, String(port)], core }),
  };
}
