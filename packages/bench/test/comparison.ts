import type { ComparedSubject, Comparison } from '../src/compare/result.ts';
import type { RunFigures } from '../src/method/result.ts';
import { SCENARIOS } from '../src/method/scenario.ts';
import { environment, method, row, run } from './results.ts';

const CURVE = [0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 4, 5, 8, 9];

const timed = (figures: RunFigures): RunFigures => ({
  ...figures,
  latencyMs: { ...figures.latencyMs, quantiles: CURVE },
});

const subject = (name: string, kind: ComparedSubject['kind']): ComparedSubject => ({
  ...{ name, kind, version: '1.0' },
  gate: { passed: true, failures: [], remarks: [] },
  firstAnswerMs: [300, 310],
  idleBytes: [80 * 2 ** 20],
  codeLines: kind === 'tridot' ? 400 : null,
  codeLinesBeneath: kind === 'tridot' ? 1_000 : null,
  dependencies: kind === 'tridot' ? 20 : null,
  dependenciesOfItsOwn: kind === 'tridot' ? 2 : null,
  installedBytes: 2 ** 24,
  fences: kind === 'tridot' ? 3 : null,
});

/** A comparison that nobody measured: two of ours and one peer in every scenario. */
export function madeUpComparison(): Comparison {
  const names = ['raw', 'library', 'kresd'];
  return {
    kind: 'comparison',
    effort: 'quick',
    environment,
    method,
    upstream: 'an upstream',
    nodeBytes: 2 ** 27,
    subjects: [subject('raw', 'tridot'), subject('library', 'tridot'), subject('kresd', 'peer')],
    codec: {
      rows: (['wire', 'dns-packet'] as const).map((codec, index) => ({
        ...{ codec, message: 'query', messageBytes: 44, operation: 'read' },
        nanoseconds: [100 * (index + 1)],
        allocatedBytes: 80 * (index + 1),
      })),
      fidelity: [{ codec: 'wire', version: '0.1.0', messages: 13, changed: [], refused: [] }],
    },
    rows: SCENARIOS.flatMap(({ id }) =>
      names.map((name, index) =>
        row(name, id, [timed(run(20 + index, 50_000)), timed(run(21 + index, 50_000))]),
      ),
    ),
    lowRate: {
      seconds: 10,
      upstreamIdleMs: 1_000,
      rows: [0.5, 2].flatMap((queriesPerSecond) =>
        names.map((name) => ({
          ...{ subject: name, queriesPerSecond, asked: 10, failed: 0, unanswered: 1, handshakes: 5 },
          ...{ p50Ms: 2, p99Ms: 20, maxMs: 30 },
        })),
      ),
    },
    conformance: {
      date: '2030-01-01',
      cases: [
        { id: 'U1', section: 'U', level: 'M', title: 'MUST answer </script> & <b>all</b>' },
        { id: 'T1', section: 'T', level: 'S', title: 'SHOULD answer' },
      ],
      subjects: names.map((name) => ({ name, version: '1.0', verdicts: ['pass', 'mixed'], undeclared: 0 })),
    },
    failures: [],
  };
}
