import { run } from '@tridot/proxy';
import { raw } from './index.ts';

await run(raw);
