import { AGREEMENT_MODES, type AgreementMode } from './decide.ts';
import { AgreementOptionError } from './errors.ts';
import { AGREEMENT_LIMITS, type AgreementLimits } from './limits.ts';
import type { AgreementObserver } from './observer.ts';
import type { AskingUpstream, UpstreamAnswer } from './port.ts';
import { ADDRESS_POLICIES, type AddressPolicy } from './rdata.ts';
import { RRSET_POLICIES, type RrsetPolicy } from './relation.ts';

export interface AgreementOptions<Answer extends UpstreamAnswer = UpstreamAnswer> {
  /** 2 or 3, in order of preference, with different names. */
  readonly upstreams: readonly AskingUpstream<Answer>[];
  /** Is asked what is not compared. Default: the first of `upstreams`. */
  readonly otherwise?: Pick<AskingUpstream<Answer>, 'ask'>;
  readonly mode: AgreementMode;
  /** Names; each stands for itself and all below it. `.` is every name. Default: none. */
  readonly suffixes?: readonly string[];
  /** 0 to 1: how many of the queries that no suffix chooses are compared. Default 0. */
  readonly sampleRate?: number;
  /** Default `same-prefix`. */
  readonly addressPolicy?: AddressPolicy;
  /** Default `subset`. */
  readonly rrsetPolicy?: RrsetPolicy;
  /** Whether the observer is told names and records. Default false. */
  readonly tellNames?: boolean;
  /** Default: those of {@link AGREEMENT_LIMITS}. */
  readonly limits?: Partial<AgreementLimits>;
  readonly observer?: AgreementObserver;
  /** In [0, 1), for the sample. Default `Math.random`. */
  readonly random?: () => number;
}

export type CheckedOptions<Answer extends UpstreamAnswer> = Required<
  Omit<AgreementOptions<Answer>, 'limits'>
> & {
  readonly limits: AgreementLimits;
};

/** @throws {AgreementOptionError} ERR_AGREEMENT_OPTION: an option is out of its range. */
export function checkOptions<Answer extends UpstreamAnswer>(
  options: AgreementOptions<Answer>,
): CheckedOptions<Answer> {
  const { upstreams, mode, sampleRate = 0, addressPolicy = 'same-prefix', rrsetPolicy = 'subset' } = options;
  const [first] = upstreams;
  if (first === undefined || upstreams.length < 2 || upstreams.length > 3)
    throw new AgreementOptionError(`upstreams has ${upstreams.length} entries; it may have 2 or 3`);
  if (new Set(upstreams.map(({ name }) => name)).size < upstreams.length)
    throw new AgreementOptionError('upstreams has a name twice; each may occur once');
  checkOneOf('mode', mode, AGREEMENT_MODES);
  checkOneOf('addressPolicy', addressPolicy, ADDRESS_POLICIES);
  checkOneOf('rrsetPolicy', rrsetPolicy, RRSET_POLICIES);
  if (!(sampleRate >= 0 && sampleRate <= 1))
    throw new AgreementOptionError(`sampleRate is ${sampleRate}; it may be 0 to 1`);
  const limits = checkLimits(options.limits ?? {});
  if (limits.minAnswers > upstreams.length)
    throw new AgreementOptionError(
      `minAnswers is ${limits.minAnswers}; it may be 1 to ${upstreams.length}, the number of upstreams`,
    );
  return {
    otherwise: first,
    suffixes: [],
    tellNames: false,
    observer: {},
    random: Math.random,
    ...options,
    sampleRate,
    addressPolicy,
    rrsetPolicy,
    limits,
  };
}

function checkLimits(given: Partial<AgreementLimits>): AgreementLimits {
  const { waitMs, maxComparisons, minAnswers, ipv4PrefixBits, ipv6PrefixBits } = AGREEMENT_LIMITS;
  const limits = {
    waitMs: waitMs.default,
    maxComparisons: maxComparisons.default,
    minAnswers: minAnswers.default,
    ipv4PrefixBits: ipv4PrefixBits.default,
    ipv6PrefixBits: ipv6PrefixBits.default,
    ...given,
  };
  for (const [name, { min, max }] of Object.entries(AGREEMENT_LIMITS)) {
    const value = Object.entries(limits).find(([key]) => key === name)?.[1];
    if (value === undefined || !Number.isInteger(value) || value < min || value > max)
      throw new AgreementOptionError(`${name} is ${value}; it may be ${min} to ${max}`);
  }
  return limits;
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new AgreementOptionError(`${name} is ${JSON.stringify(value)}; it may be ${allowed.join(', ')}`);
}
