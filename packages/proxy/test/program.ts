/** The program that the tests run as a child process. SIGUSR2 stands for a mistake of ours. */
import { run } from '../src/index.ts';
import { socketStrategy } from './socket-strategy.ts';

process.on('SIGUSR2', () => {
  throw new TypeError('a mistake\nof ours');
});
await run(socketStrategy);
