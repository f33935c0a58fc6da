import { fileURLToPath } from 'node:url';
import { startNodeProgram } from './node-program.ts';
import type { Subject } from './subject.ts';

const PROGRAM = fileURLToPath(new URL('./per-query-tls-main.ts', import.meta.url));

/** The plainest way to do it in Node: one TLS connection for each query. */
export const perQueryTls: Subject = {
  name: 'per-query-tls',
  kind: 'baseline',
  caches: false,
  installed: () => true,
  version: () => process.version.slice(1),
  start: ({ port, upstreamPort, authName, caFile, core, nodeFlags = [] }) =>
    startNodeProgram({
      name: 'per-query-tls',
      nodeFlags,
      program: PROGRAM,
      args: [String(port), String(upstreamPort), authName, caFile],
      core,
    }),
};
