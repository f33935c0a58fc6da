import { framework } from '@tridot/framework';
import { listenerContract } from './contract.ts';

listenerContract(framework);
