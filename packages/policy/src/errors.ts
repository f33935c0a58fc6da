/** What can be wrong with the policy's settings and files. */

export type PolicyOptionErrorCode = 'ERR_SPECIAL_NAME' | 'ERR_LOCAL_RECORD';

/** A setting that cannot be obeyed. The message names it, what it was and what it may be. */
export class PolicyOptionError extends Error {
  override readonly name = 'PolicyOptionError';
  readonly code: PolicyOptionErrorCode;

  constructor(code: PolicyOptionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type PolicyFileErrorCode =
  /** It cannot be opened or read, or is not a regular file. */
  | 'ERR_LIST_UNREADABLE'
  /** It is empty, or has lines but not one that could be used: it is no list, or is being written. */
  | 'ERR_LIST_UNUSABLE'
  /** It would bring more names than the limit allows. */
  | 'ERR_LIST_TOO_LONG'
  /** The policy was closed while the file was read. */
  | 'ERR_LIST_CLOSED';

/** A block list, allow list or hosts file that cannot be used. The message is one line and names the file. */
export class PolicyFileError extends Error {
  override readonly name = 'PolicyFileError';
  readonly code: PolicyFileErrorCode;
  readonly file: string;

  constructor(code: PolicyFileErrorCode, file: string, message: string, cause?: unknown) {
    super(`${file}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
  }
}
