import { library } from '@tridot/library';
import { conformance, type Deviations } from './conformance.ts';

/** A case id, and why library cannot do it. None is the aim. */
const DEVIATIONS: Deviations = {};

conformance(library, DEVIATIONS);
