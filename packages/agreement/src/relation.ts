/** How the facts of two responses stand to each other. */
import { type Facts, isAddressType, type Rrset } from './facts.ts';

/**
 * What may differ in a set of addresses, since many names give each asker another few of a larger pool. `equal`: nothing.
 * `subset`: one set may lie within the other. `overlap`: one address in common is enough. Sets of other types must be equal.
 */
export type RrsetPolicy = 'equal' | 'subset' | 'overlap';

export const RRSET_POLICIES: readonly RrsetPolicy[] = ['equal', 'subset', 'overlap'];

export type Relation = 'same' | 'within' | 'contains' | 'overlaps' | 'different';

/** How `a` stands to `b`, in time linear in the smaller of the two. */
export function relate(a: Facts, b: Facts): Relation {
  if (a.verdict !== b.verdict || a.rrsets.size !== b.rrsets.size) return 'different';
  let relation: Relation = 'same';
  for (const [key, rrset] of a.rrsets) {
    const other = b.rrsets.get(key);
    if (other === undefined) return 'different';
    relation = joined(relation, relateRrsets(rrset, other));
    if (relation === 'different') return 'different';
  }
  return relation;
}

/** Whether two related so may stand side by side. */
export function agrees(relation: Relation, policy: RrsetPolicy): boolean {
  if (relation === 'same') return true;
  if (relation === 'within' || relation === 'contains') return policy !== 'equal';
  return relation === 'overlaps' && policy === 'overlap';
}

/**
 * Whether `b` says all that `a` says, given how `a` stands to `b`. With `overlap` that is taken on trust: a record that
 * only `a` has may then be served.
 */
export function confirms(relation: Relation, policy: RrsetPolicy): boolean {
  return relation !== 'contains' || policy === 'overlap' ? agrees(relation, policy) : false;
}

function relateRrsets(a: Rrset, b: Rrset): Relation {
  let common = 0;
  const [small, large] = a.records.size <= b.records.size ? [a, b] : [b, a];
  for (const record of small.records) if (large.records.has(record)) common++;
  const isWithin = common === a.records.size;
  const isContaining = common === b.records.size;
  if (isWithin && isContaining) return 'same';
  if (!isAddressType(a.type)) return 'different';
  if (isWithin) return 'within';
  if (isContaining) return 'contains';
  return common > 0 ? 'overlaps' : 'different';
}

function joined(a: Relation, b: Relation): Relation {
  if (a === b || b === 'same') return a;
  if (a === 'same') return b;
  return a === 'different' || b === 'different' ? 'different' : 'overlaps';
}
