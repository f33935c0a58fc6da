import type { Attempt, Batch, Ending, ScriptedAnswer, Setting, Stream, Write } from './batch.ts';

/** A batch as it stands in a file: octets are hexadecimal, what is empty is left out. */
export interface BatchJson {
  readonly setting?: Setting;
  readonly datagrams?: readonly string[];
  readonly streams?: readonly { readonly chunks: readonly string[]; readonly ending?: Stream['ending'] }[];
  readonly answers?: readonly { readonly question: string; readonly attempts: readonly AttemptJson[] }[];
}

interface AttemptJson {
  readonly writes: readonly WriteJson[];
  readonly ending?: Ending;
}

interface WriteJson {
  readonly kind?: Write['kind'];
  readonly octets: string;
  readonly wrongIdBits?: number;
  readonly cuts?: readonly number[];
}

const hex = (octets: Buffer): string => octets.toString('hex');
const octetsOf = (text: string): Buffer => Buffer.from(text, 'hex');

export function batchToJson({ setting, datagrams, streams, answers }: Batch): BatchJson {
  return {
    ...(setting === 'usual' ? {} : { setting }),
    ...(datagrams.length === 0 ? {} : { datagrams: datagrams.map(hex) }),
    ...(streams.length === 0 ? {} : { streams: streams.map(streamToJson) }),
    ...(answers.length === 0 ? {} : { answers: answers.map(answerToJson) }),
  };
}

export function batchFromJson({ setting, datagrams, streams, answers }: BatchJson): Batch {
  return {
    setting: setting ?? 'usual',
    datagrams: (datagrams ?? []).map(octetsOf),
    streams: (streams ?? []).map(({ chunks, ending }) => ({
      chunks: chunks.map(octetsOf),
      ending: ending ?? 'half-close',
    })),
    answers: (answers ?? []).map(({ question, attempts }) => ({
      question: octetsOf(question),
      attempts: attempts.map(attemptFromJson),
    })),
  };
}

function streamToJson({ chunks, ending }: Stream): NonNullable<BatchJson['streams']>[number] {
  return { chunks: chunks.map(hex), ...(ending === 'half-close' ? {} : { ending }) };
}

function answerToJson({ question, attempts }: ScriptedAnswer): NonNullable<BatchJson['answers']>[number] {
  return { question: hex(question), attempts: attempts.map(attemptToJson) };
}

function attemptToJson({ writes, ending }: Attempt): AttemptJson {
  return {
    writes: writes.map(({ kind, octets, wrongIdBits, cuts }) => ({
      ...(kind === 'message' ? {} : { kind }),
      octets: hex(octets),
      ...(wrongIdBits === 0 ? {} : { wrongIdBits }),
      ...(cuts.length === 0 ? {} : { cuts }),
    })),
    ...(ending === 'truth' ? {} : { ending }),
  };
}

function attemptFromJson({ writes, ending }: AttemptJson): Attempt {
  return {
    writes: writes.map(({ kind, octets, wrongIdBits, cuts }) => ({
      kind: kind ?? 'message',
      octets: octetsOf(octets),
      wrongIdBits: wrongIdBits ?? 0,
      cuts: cuts ?? [],
    })),
    ending: ending ?? 'truth',
  };
}
