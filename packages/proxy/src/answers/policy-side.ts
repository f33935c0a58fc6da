import {
  createPolicy,
  type Policy,
  PolicyFileError,
  type PolicyObserver,
  PolicyOptionError,
} from '@tridot/policy';
import { SettingError } from '../failures.ts';
import type { Logger } from '../logging/log.ts';
import { oneLine } from '../logging/one-line.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { parseLocalRecord } from './local-record.ts';

/** A policy that has read its files. */
export interface PreparedPolicy {
  readonly policy: Policy;
  /** All that it was made of: equal text, equal policy, but for what stands in its files. */
  readonly recipe: string;
}

/** What is answered by names alone, from the settings in effect. */
export class PolicySide {
  readonly #logger: Logger;
  /** Answers of policies that a reload has replaced. */
  #former = { blocked: 0, local: 0, special: 0 };
  #current: PreparedPolicy | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get counters(): Policy['counters'] {
    const now = this.#current?.policy.counters;
    const { blocked, local, special } = this.#former;
    return {
      blocked: blocked + (now?.blocked ?? 0),
      local: local + (now?.local ?? 0),
      special: special + (now?.special ?? 0),
    };
  }

  /**
   * Makes the policy for some settings and reads its files. When nothing about it has changed, it is the one in use, and
   * only its files are read again.
   *
   * @throws {SettingError} ERR_SETTING: a setting or a file cannot be used.
   */
  async prepare(settings: Settings): Promise<PreparedPolicy> {
    const recipe = JSON.stringify([settings.policy, settings.limits.policy, settings.limits.forwarder]);
    if (this.#current?.recipe === recipe) {
      await this.#current.policy.reload();
      return this.#current;
    }
    const policy = makePolicy(settings, this.#observer);
    try {
      await policy.start();
    } catch (error) {
      await policy.close();
      throw error instanceof PolicyFileError ? settingErrorOf(error) : error;
    }
    return { policy, recipe };
  }

  /** From now on this one. */
  use(prepared: PreparedPolicy): void {
    const former = this.#current;
    this.#current = prepared;
    if (former === null || former === prepared) return;
    const { blocked, local, special } = former.policy.counters;
    this.#former.blocked += blocked;
    this.#former.local += local;
    this.#former.special += special;
    void former.policy.close();
  }

  /** One that is not to be used after all. */
  async discard(prepared: PreparedPolicy): Promise<void> {
    if (prepared !== this.#current) await prepared.policy.close();
  }

  async close(): Promise<void> {
    await this.#current?.policy.close();
  }

  readonly #observer: PolicyObserver = {
    onFileLoaded: ({ kind, file, names, ignored, durationMs }) => {
      const unread = ignored.invalid + ignored.unsupported + ignored.overlong;
      const rest = unread === 0 ? '' : `, ${unread} lines not understood`;
      this.#logger.info(
        {},
        oneLine(`${kind} file ${file}: ${names} names in ${Math.round(durationMs)} ms${rest}`),
      );
    },
    onFileFailed: ({ kind, error, keptNames }) => {
      this.#logger.warn(
        { code: error.code },
        oneLine(`${kind} file ${error.message}; ${keptNames} names stay in use`),
      );
    },
  };
}

/**
 * Checks what the settings say about names, without reading a file.
 *
 * @throws {SettingError} ERR_SETTING: it cannot be used.
 */
export function checkPolicy(settings: Settings): void {
  makePolicy(settings, { onFileLoaded: () => {}, onFileFailed: () => {} });
}

function makePolicy({ policy, limits }: Settings, observer: PolicyObserver): Policy {
  try {
    return createPolicy({
      udpPayloadBytes: limits.forwarder.udpPayloadBytes,
      specialOff: policy.specialOff,
      localRecords: policy.localRecords.map(parseLocalRecord),
      hostsFiles: policy.hostsFiles,
      blockFiles: policy.blockFiles,
      allowFiles: policy.neverBlockFiles,
      blockSubdomains: policy.blockSubdomains,
      blockAnswer: policy.blockAnswer,
      limits: limits.policy,
      observer,
    });
  } catch (error) {
    throw error instanceof PolicyOptionError ? settingErrorOf(error) : error;
  }
}

function settingErrorOf(error: Error): SettingError {
  return new SettingError(oneLine(`policy: ${error.message}`), { cause: error });
}
