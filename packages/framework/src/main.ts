import { run } from '@tridot/proxy';
import { framework } from './index.ts';

await run(framework);
