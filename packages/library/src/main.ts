import { run } from '@tridot/proxy';
import { library } from './index.ts';

await run(library);
