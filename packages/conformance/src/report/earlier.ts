import type { CaseResult } from '../runner.ts';
import type { GradedSubject } from './matrix.ts';

/**
 * Puts new results beside earlier ones, so that a subject or a case can be graded again by itself.
 *
 * @param earlier a subject that is in both keeps its place; of its results those of the same case and transport are replaced.
 * @param caseIds in their order; results of cases that are no more are left out.
 */
export function addedTo(
  earlier: readonly GradedSubject[],
  graded: readonly GradedSubject[],
  caseIds: readonly string[],
): GradedSubject[] {
  const order = new Map(caseIds.map((id, index) => [id, index]));
  const placeOf = ({ id }: CaseResult): number => order.get(id) ?? -1;
  const merged = earlier.map((before) => {
    const now = graded.find(({ name }) => name === before.name);
    if (now === undefined) return before;
    const replaced = new Set(now.results.map(({ key }) => key));
    const kept = before.results.filter(({ key }) => !replaced.has(key));
    return { ...now, results: [...kept, ...now.results] };
  });
  const added = graded.filter(({ name }) => !earlier.some((before) => before.name === name));
  return [...merged, ...added].map((subject) => ({
    ...subject,
    results: subject.results
      .filter((result) => order.has(result.id))
      .sort((one, other) => placeOf(one) - placeOf(other)),
  }));
}
