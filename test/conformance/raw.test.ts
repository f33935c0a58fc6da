import { raw } from '@tridot/raw';
import { conformance, type Deviations } from './conformance.ts';

/** A case id, and why raw cannot do it. None is the aim. */
const DEVIATIONS: Deviations = {};

conformance(raw, DEVIATIONS);
