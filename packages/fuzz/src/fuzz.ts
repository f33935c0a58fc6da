import type { Strategy } from '@tridot/listener';
import { type Authority, createAuthority } from './authority.ts';
import { type Batch, EMPTY_BATCH, sizeOf } from './batch.ts';
import { generateBatch, type Side } from './generate.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { countHandles, type Handles, heldBytes, leakedSince, ProcessWatch } from './process-watch.ts';
import { shrink } from './shrink.ts';
import { type Finding, Stand, signatureOf } from './stand.ts';
import { turn } from './turn.ts';

export interface FuzzOptions {
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  readonly side: Side;
  /** First iteration; default 0. */
  readonly from?: number;
  /** Ends after so many batches; default: none. */
  readonly iterations?: number;
  /** Ends after so many milliseconds; default: none. */
  readonly forMs?: number;
  /** Default: raw, framework, library. */
  readonly strategies?: readonly Strategy[];
  /** Attempts at a smaller input; default 400. */
  readonly shrinkRuns?: number;
  /** Told before each batch. */
  readonly onIteration?: (iteration: number, tried: number) => void;
  readonly onFinding?: (found: FoundInput) => void;
  /** Told of what was not there again, or not every time where it should be. */
  readonly onDoubt?: (finding: Finding, iteration: number, reproduced: number) => void;
}

/** A finding with the batch that shows it. */
export interface FoundInput extends Finding {
  readonly seed: number;
  readonly iteration: number;
  /** As small as it was possible to make it. */
  readonly batch: Batch;
  /** How many of so many replays showed it again. None: it may have been the machine. */
  readonly reproduced: number;
  readonly replays: number;
}

export interface FuzzResult {
  /** Batches. */
  readonly iterations: number;
  /** Datagrams, connections and responses; each went to every strategy. */
  readonly inputs: number;
  readonly durationMs: number;
  /** One of each kind. */
  readonly findings: readonly FoundInput[];
  /** Findings that no replay showed again, such as a pause of the machine. */
  readonly unconfirmed: number;
}

/** Tries batch after batch until time, iterations or patience are up. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const authority = await createAuthority();
  const watch = new ProcessWatch();
  try {
    return await new Run(options, authority, watch).run();
  } finally {
    watch.close();
    authority.close();
  }
}

/** Tries one batch once, on subjects of its own. */
export async function tryBatch(batch: Batch, strategies?: readonly Strategy[]): Promise<Finding[]> {
  const authority = await createAuthority();
  const watch = new ProcessWatch();
  const stand = new Stand({ authority, watch, ...(strategies === undefined ? {} : { strategies }) });
  try {
    return await stand.run(batch);
  } finally {
    await stand.close();
    watch.close();
    authority.close();
  }
}

class Run {
  readonly #options: FuzzOptions;
  readonly #openStand: () => Stand;
  readonly #found = new Map<string, FoundInput>();
  #stand: Stand;
  #inputs = 0;
  #unconfirmed = 0;
  #epochs = 0;
  #idleBytes = 0;

  constructor(options: FuzzOptions, authority: Authority, watch: ProcessWatch) {
    const { strategies } = options;
    this.#options = options;
    this.#openStand = () =>
      new Stand({ authority, watch, ...(strategies === undefined ? {} : { strategies }) });
    this.#stand = this.#openStand();
  }

  async run(): Promise<FuzzResult> {
    const { seed, side, from = 0, iterations = Number.POSITIVE_INFINITY, forMs } = this.#options;
    const startedMs = performance.now();
    const untilMs = startedMs + (forMs ?? Number.POSITIVE_INFINITY);
    const before = await this.#idleHandles();
    let iteration = from;
    while (iteration < from + iterations && performance.now() < untilMs && !this.#full) {
      this.#options.onIteration?.(iteration, this.#inputs);
      const batch = generateBatch(seed, iteration, side);
      await this.#try(batch, iteration);
      iteration += 1;
      if ((iteration - from) % FUZZ_LIMITS.epochIterations.default === 0)
        await this.#turnEpoch(before, iteration);
    }
    await this.#turnEpoch(before, iteration);
    return {
      iterations: iteration - from,
      inputs: this.#inputs,
      durationMs: performance.now() - startedMs,
      findings: [...this.#found.values()],
      unconfirmed: this.#unconfirmed,
    };
  }

  /** What the process holds with everything closed, once everything has been opened: the first time leaves something. */
  async #idleHandles(): Promise<Handles> {
    await this.#stand.run(EMPTY_BATCH);
    await this.#reopen();
    await settle();
    return countHandles();
  }

  get #full(): boolean {
    return this.#found.size >= FUZZ_LIMITS.findings.default;
  }

  async #try(batch: Batch, iteration: number): Promise<void> {
    const findings = await this.#stand.run(batch);
    this.#inputs += sizeOf(batch);
    if (findings.length === 0) return;
    if (leavesTraces(findings)) await this.#reopen();
    for (const finding of findings) {
      if (!this.#found.has(signatureOf(finding))) await this.#study(finding, batch, iteration);
    }
  }

  /** Is it there again, and with how little? */
  async #study(finding: Finding, batch: Batch, iteration: number): Promise<void> {
    const signature = signatureOf(finding);
    const replays = FUZZ_LIMITS.replays.default;
    let reproduced = 0;
    for (let left = replays; left > 0; left -= 1) if (await this.#shows(batch, finding)) reproduced += 1;
    if (!isBelievable(finding, reproduced, replays)) {
      this.#unconfirmed += 1;
      this.#options.onDoubt?.(finding, iteration, reproduced);
      return;
    }
    const smallest = reproduced < replays ? batch : await this.#shrink(batch, finding);
    const again = await this.#stand.run(smallest);
    const last = again.find((each) => signatureOf(each) === signature) ?? finding;
    await this.#reopen();
    const found = { ...last, seed: this.#options.seed, iteration, batch: smallest, reproduced, replays };
    this.#found.set(signature, found);
    this.#options.onFinding?.(found);
  }

  #shrink(batch: Batch, finding: Finding): Promise<Batch> {
    return shrink(batch, {
      fails: (candidate) => this.#shows(candidate, finding),
      maxRuns: this.#options.shrinkRuns ?? FUZZ_LIMITS.shrinkRuns.default,
      maxMs: FUZZ_LIMITS.shrinkMs.default,
    });
  }

  async #shows(batch: Batch, wanted: Finding): Promise<boolean> {
    const findings = await this.#stand.run(batch);
    if (leavesTraces(findings)) await this.#reopen();
    return findings.some((finding) => signatureOf(finding) === signatureOf(wanted));
  }

  async #reopen(): Promise<void> {
    await this.#stand.close();
    this.#stand = this.#openStand();
  }

  /** Everything is closed: nothing may be left, and no more memory be held than before. */
  async #turnEpoch(before: Handles, iteration: number): Promise<void> {
    await this.#reopen();
    this.#epochs += 1;
    const leaked = await leftOver(before);
    if (leaked !== null) this.#report(`left over after closing: ${leaked}`, iteration);
    const { warmUpEpochs, growthBytes } = FUZZ_LIMITS;
    if (this.#epochs < warmUpEpochs.default) return;
    const bytes = await heldBytes();
    if (this.#epochs === warmUpEpochs.default) this.#idleBytes = bytes;
    const grown = bytes - this.#idleBytes;
    if (grown > growthBytes.default) this.#report(`holds ${grown} octets more than at first`, iteration);
  }

  #report(what: string, iteration: number): void {
    const finding: Finding = { kind: 'process', subject: 'process', what };
    const found = {
      ...finding,
      seed: this.#options.seed,
      iteration,
      batch: EMPTY_BATCH,
      reproduced: 0,
      replays: 0,
    };
    const signature = signatureOf(finding);
    if (this.#found.has(signature)) return;
    this.#found.set(signature, found);
    this.#options.onFinding?.(found);
  }
}

/** After a mere difference the subjects are as they were. */
function leavesTraces(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind === 'process' || kind === 'stuck');
}

/** An exception is believed at once. A pause may have been the machine's, unless it is there every time. */
function isBelievable({ kind }: Finding, reproduced: number, replays: number): boolean {
  if (kind === 'process') return true;
  return kind === 'stall' ? reproduced === replays : reproduced > 0;
}

/** Sockets that were closed are let go of in the next turns. */
async function settle(): Promise<void> {
  for (let left = 3; left > 0; left -= 1) await turn();
}

/** What is still open, once it has had time to close. */
async function leftOver(before: Handles): Promise<string | null> {
  const untilMs = performance.now() + FUZZ_LIMITS.closeMs.default;
  let leaked = leakedSince(before, countHandles());
  while (leaked !== null && performance.now() < untilMs) {
    await settle();
    leaked = leakedSince(before, countHandles());
  }
  return leaked;
}
