import { raw } from '@tridot/raw';
import { listenerContract } from './contract.ts';

listenerContract(raw);
