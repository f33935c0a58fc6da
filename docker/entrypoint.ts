/**
 * The image's first process: runs the strategy that STRATEGY names, with the arguments that the container was given. Here and
 * not in a shell, so that the program itself is process 1 and gets SIGTERM.
 */
const STRATEGIES = ['raw', 'framework', 'library'];
const EXIT_STOPPED = 0;
const EXIT_BAD_SETTING = 2;

const strategy = process.env.STRATEGY || 'raw';
if (!STRATEGIES.includes(strategy)) {
  console.error(`STRATEGY is "${strategy}"; it may be ${STRATEGIES.join(', ')}`);
  process.exit(EXIT_BAD_SETTING);
}

// The kernel ignores a signal that process 1 has no handler for, and the program has one only once it serves.
const stopBeforeServing = (): never => process.exit(EXIT_STOPPED);
process.on('SIGTERM', stopBeforeServing);
await import(`../packages/${strategy}/src/main.ts`);
process.off('SIGTERM', stopBeforeServing);
