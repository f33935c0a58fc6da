import { library } from '@tridot/library';
import { listenerContract } from './contract.ts';

listenerContract(library);
