import { libraryUnfenced } from '@tridot/library';
import { run } from '@tridot/proxy';

await run(libraryUnfenced);
