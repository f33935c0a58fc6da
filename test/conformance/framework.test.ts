import { framework } from '@tridot/framework';
import { conformance, type Deviations } from './conformance.ts';

/** A case id, and why framework cannot do it. None is the aim. */
const DEVIATIONS: Deviations = {};

conformance(framework, DEVIATIONS);
