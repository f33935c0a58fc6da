import { createHash } from 'node:crypto';
import {
  type AuthorityOptions,
  createTestCa,
  type IssuedCertificate,
  startUpstream,
  type TestCa,
  type TestUpstream,
} from '@tridot/testbed';
import { answerOf } from './answers.ts';
import { onFreePort } from './ports.ts';
import type { RunningSubject, Settings, Setup, Subject, SubjectStart } from './subject.ts';
import { within } from './within.ts';

/** Stopping without grace takes no longer. */
const STOP_TIMEOUT_MS = 10_000;

/** A running subject with its upstreams. */
export interface Stand {
  readonly running: RunningSubject;
  readonly upstreams: readonly [TestUpstream, ...TestUpstream[]];
  readonly settings: Settings;
  readonly start: SubjectStart;
  /** The authority that the subject trusts. */
  readonly ca: TestCa;
  /** Other cases may use it too. */
  readonly shared: boolean;
}

/** Sets up a stand for each case, or lends the one it has to cases that leave no trace. */
export class Bench {
  readonly #certificates: Certificates;
  readonly #subject: Subject;
  #idle: Stand | undefined;

  constructor(subject: Subject, certificates: Certificates) {
    this.#subject = subject;
    this.#certificates = certificates;
  }

  async prepare(setup: Setup): Promise<Stand> {
    const shareable = this.#subject.shared === true && this.#leavesNoTrace(setup);
    if (!shareable) {
      if (this.#subject.upstreamPort !== undefined) await this.clear();
      return this.#set(setup, false);
    }
    const stand = this.#idle ?? (await this.#set({}, true));
    this.#idle = undefined;
    for (const upstream of stand.upstreams) upstream.behave();
    return { ...stand, settings: setup.settings ?? {} };
  }

  /** Settings count for nothing where they cannot be set. */
  #leavesNoTrace(setup: Setup): boolean {
    const keys = Object.keys(setup);
    return keys.length === 0 || (keys.every((key) => key === 'settings') && !this.#subject.can.has('limits'));
  }

  async release(stand: Stand): Promise<void> {
    if (!stand.shared) return this.#take(stand);
    this.#idle = stand;
  }

  async discard(stand: Stand): Promise<void> {
    // It may hang: nobody waits for what it still does.
    stand.running.kill?.('SIGKILL');
    await this.#take(stand).catch(() => undefined);
  }

  async #letGo(stand: Stand): Promise<void> {
    await this.#take(stand).catch(() => undefined);
  }

  async clear(): Promise<void> {
    const stand = this.#idle;
    this.#idle = undefined;
    if (stand !== undefined) await this.#letGo(stand);
  }

  async #set(setup: Setup, shared: boolean): Promise<Stand> {
    const certificates =
      setup.trust === undefined ? this.#certificates : await Certificates.create(setup.trust);
    const upstreams = [await this.#startUpstream(setup, certificates)];
    while (upstreams.length < (setup.upstreams ?? 1))
      upstreams.push(await this.#startUpstream(setup, certificates));
    const settings = setup.settings ?? {};
    const start: SubjectStart = {
      upstreams: upstreams.map(({ host, port, authName }, index) => ({
        host,
        port,
        authName: setup.authNames?.[index] ?? authName,
        caPem: certificates.ca.pem,
      })),
      settings,
      environment: setup.environment ?? {},
      pins: pinsOf(setup, certificates),
    };
    try {
      const running = await this.#subject.start(start);
      if (setup.upstreamDown === true) await this.#takeDown(upstreams, setup, certificates);
      const [first, ...others] = upstreams;
      if (first === undefined) throw new Error('a stand needs an upstream');
      for (const { journal } of upstreams) journal.clear();
      return { running, upstreams: [first, ...others], settings, start, ca: certificates.ca, shared };
    } catch (error) {
      await Promise.all(upstreams.map((upstream) => upstream.close()));
      throw error;
    }
  }

  /**
   * Some subjects count as started only once an upstream has answered. What they know of it (connections, session tickets)
   * goes away with it: another takes its place, which is down and knows no tickets.
   */
  async #takeDown(upstreams: TestUpstream[], setup: Setup, certificates: Certificates): Promise<void> {
    for (const [index, upstream] of upstreams.entries()) {
      await upstream.stop();
      if (this.#subject.can.has('starts-unready')) continue;
      const other = await this.#startUpstream(setup, certificates, upstream.port);
      await other.stop();
      upstreams[index] = other;
    }
  }

  #startUpstream(
    { upstream = {} }: Setup,
    { ca, certificate }: Certificates,
    fixedPort = this.#subject.upstreamPort,
  ): Promise<TestUpstream> {
    const start = (port: number) => startUpstream({ ca, certificate, answer: answerOf, ...upstream, port });
    return fixedPort === undefined ? onFreePort(start) : start(fixedPort);
  }

  async #take(stand: Stand): Promise<void> {
    try {
      await within(STOP_TIMEOUT_MS, stand.running.stop(), 'the subject does not stop');
    } finally {
      await Promise.all(stand.upstreams.map((upstream) => upstream.close()));
    }
  }
}

/** The hash of the upstream's SubjectPublicKeyInfo, and of one that no upstream has (RFC 7858 §4.2). */
function pinsOf({ pins = [] }: Setup, { certificate }: Certificates): string[] {
  const wrong = createHash('sha256').update('another key').digest('base64');
  return pins.map((which) => (which === 'right' ? certificate.spkiSha256 : wrong));
}

/** One authority and one good certificate serve a whole run. */
export class Certificates {
  readonly ca: TestCa;
  readonly certificate: IssuedCertificate;

  static async create(authority: AuthorityOptions = {}): Promise<Certificates> {
    const ca = await createTestCa(authority);
    // Some subjects look at the subject's name, which they should not: that is for the cases to find.
    const names = {
      commonName: 'dot.example.com',
      dnsNames: ['dot.example.com'],
      ipAddresses: ['127.0.0.1', '::1'],
    };
    return new Certificates(ca, await ca.issue(names));
  }

  constructor(ca: TestCa, certificate: IssuedCertificate) {
    this.ca = ca;
    this.certificate = certificate;
  }
}
