import { framework } from '@tridot/framework';
import { library } from '@tridot/library';
import type { Strategy } from '@tridot/listener';
import { raw } from '@tridot/raw';
import type { Authority } from './authority.ts';
import { type Batch, costsConnections, type Setting, type Stream } from './batch.ts';
import { framesIn } from './cutting.ts';
import { isQuery, judge, owedQueries } from './judge.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { idOf } from './message-id.ts';
import { type Comparison, difference, type Outcome } from './outcome.ts';
import type { ProcessWatch } from './process-watch.ts';
import { PIPELINE, Subject } from './subject.ts';
import { turn } from './turn.ts';

/** Something that must not be. */
export interface Finding {
  /**
   * `difference`: two strategies disagree. `rule`: one breaks a rule. `stuck`: something was waited for in vain. `stall`: the
   * event loop stood still. `process`: an exception, a warning, something left open; it is about all of them together.
   */
  readonly kind: 'difference' | 'rule' | 'stuck' | 'stall' | 'process';
  /** Which strategies. */
  readonly subject: string;
  readonly what: string;
}

/** The three strategies. The first is what the others are compared with. */
export const STRATEGIES: readonly Strategy[] = [raw, framework, library];

export interface StandOptions {
  readonly authority: Authority;
  readonly watch: ProcessWatch;
  /** Default: all three. */
  readonly strategies?: readonly Strategy[];
}

/** The subjects side by side, opened when first needed. */
export class Stand {
  readonly #options: StandOptions;
  readonly #subjects = new Map<Setting, readonly Subject[]>();

  constructor(options: StandOptions) {
    this.#options = options;
  }

  /** Tries a batch on every subject at once. */
  async run(batch: Batch): Promise<Finding[]> {
    const findings = await this.#round(batch);
    if (batch.setting === 'remembering') findings.push(...(await this.#round(batch)));
    return findings;
  }

  async #round(batch: Batch): Promise<Finding[]> {
    const { watch } = this.#options;
    const subjects = await this.#subjectsFor(batch.setting);
    watch.takeStallMs();
    const busyMs = watch.startCpuClock();
    const outcomes = await Promise.all(subjects.map((subject) => subject.run(batch)));
    // Where others have the processor the loop stands still too; what we do ourselves costs processor time.
    const stallMs = Math.min(watch.takeStallMs(), busyMs());
    // What was thrown in the last turn is told in the next.
    await turn();
    return [
      ...watch.takeFaults().map((what): Finding => ({ kind: 'process', subject: 'process', what })),
      ...findingsIn(batch, subjects, outcomes),
      ...(stallMs > FUZZ_LIMITS.stallMs.default ? [stall(stallMs)] : []),
    ];
  }

  async close(): Promise<void> {
    const all = [...this.#subjects.values()].flat();
    this.#subjects.clear();
    await Promise.all(all.map((subject) => subject.close()));
  }

  async #subjectsFor(setting: Setting): Promise<readonly Subject[]> {
    const known = this.#subjects.get(setting);
    if (known !== undefined) return known;
    const { authority, watch, strategies = STRATEGIES } = this.#options;
    const opened = await Promise.all(
      strategies.map((strategy) => Subject.open(strategy, { setting, authority, onFault: watch.fault })),
    );
    this.#subjects.set(setting, opened);
    return opened;
  }
}

function findingsIn(batch: Batch, subjects: readonly Subject[], outcomes: readonly Outcome[]): Finding[] {
  const findings: Finding[] = [];
  const [first] = outcomes;
  /** What all do wrong is one finding. */
  const broken = new Map<string, string[]>();
  for (const [index, outcome] of outcomes.entries()) {
    const subject = subjects[index]?.name ?? '';
    for (const what of outcome.stuck) findings.push({ kind: 'stuck', subject, what });
    const rule = judge(batch, outcome);
    if (rule !== null) broken.set(rule, [...(broken.get(rule) ?? []), subject]);
    const differs = first === undefined ? null : difference(first, outcome, comparisonOf(batch));
    if (differs !== null) {
      findings.push({ kind: 'difference', subject: `${subjects[0]?.name} and ${subject}`, what: differs });
    }
  }
  const rules = [...broken].map(([what, by]): Finding => ({ kind: 'rule', subject: by.join(', '), what }));
  return [...rules, ...findings];
}

function comparisonOf(batch: Batch): Comparison {
  const streams = batch.streams.map((stream) => {
    if (stream.ending === 'reset') return null;
    return mayStopAnywhere(batch.setting, stream) ? onlyOwed(stream) : () => true;
  });
  const seen = batch.streams.every(
    (stream) => stream.ending !== 'reset' && !mayStopAnywhere(batch.setting, stream),
  );
  // Which answers arrive before a connection is lost is a matter of time.
  const kept = batch.setting !== 'remembering' && !costsConnections(batch);
  return { seen: seen && kept, replies: kept, streams };
}

/**
 * Whether reading may have been paused before the frame that ends the connection is looked at. Then what lies behind that
 * frame may have been received already or not, and so be served or not.
 */
function mayStopAnywhere(setting: Setting, stream: Stream): boolean {
  const { messages } = framesIn(Buffer.concat(stream.chunks));
  return messages.length > PIPELINE[setting] && owedQueries(stream).length < messages.length;
}

/** Where queries share an ID, which of them was answered cannot be told. */
function onlyOwed(stream: Stream): (reply: Buffer) => boolean {
  const ids = framesIn(Buffer.concat(stream.chunks)).messages.filter(isQuery).map(idOf);
  const owed = new Set(owedQueries(stream).map(idOf));
  return (reply) => owed.has(idOf(reply)) && ids.indexOf(idOf(reply)) === ids.lastIndexOf(idOf(reply));
}

function stall(stallMs: number): Finding {
  return {
    kind: 'stall',
    subject: 'process',
    what: `the event loop stood still for ${Math.round(stallMs)} ms`,
  };
}

/** The same for findings that are likely the same: without the octets and numbers that differ each time. */
export function signatureOf({ kind, subject, what }: Finding): string {
  return `${kind} ${subject} ${what
    .replace(/[0-9a-f]{8,}…?/g, '#')
    .replace(/\d+/g, 'n')
    .slice(0, 200)}`;
}
