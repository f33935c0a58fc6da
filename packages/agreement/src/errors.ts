import { EDE } from '@tridot/wire';

export type AgreementErrorCode =
  /** Upstreams gave answers that do not agree. */
  | 'ERR_AGREEMENT_DISAGREEMENT'
  /** Fewer upstreams than asked for gave an answer that can be compared. */
  | 'ERR_AGREEMENT_UNCONFIRMED'
  /** Too many queries are being compared already. */
  | 'ERR_AGREEMENT_OVERLOADED';

/**
 * A query that is not answered because nobody knows whom to believe. The message is one line without the name asked for.
 *
 * The info code is 0, Other: no registered code means that resolvers contradict each other. 6 (DNSSEC Bogus) would claim a
 * validation that was not made, 15 to 18 (Blocked to Prohibited) a policy against the name, 22 and 23 a fault on the way.
 * RFC 8914 §4.1 has Other for this, with a text that says what it was.
 */
export class AgreementError extends Error {
  override readonly name = 'AgreementError';
  readonly code: AgreementErrorCode;
  readonly ede = EDE.OTHER;

  constructor(code: AgreementErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** An option of `createAgreement` that cannot be used. The message names it, what it was and what it may be. */
export class AgreementOptionError extends Error {
  override readonly name = 'AgreementOptionError';
  readonly code = 'ERR_AGREEMENT_OPTION';
}
