import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Transport } from '@tridot/listener';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  framed,
  queryFor,
  SELF_POINTING,
  type Target,
  TcpClient,
  UdpClient,
} from '../../../test/listener/clients.ts';

const PROGRAM = fileURLToPath(new URL('./subject-process.ts', import.meta.url));
/** Long enough for a process that lives, on a busy machine; a hung one never answers. */
const PATIENCE_MS = 1_500;
const TXT_RECORD_BYTES = 268;

type Outcome = 'alive' | 'dead' | 'hung' | 'no reply' | 'wrong reply' | 'still open';

interface Case {
  readonly title: string;
  readonly transport: Transport;
  /** What becomes of the library without the fences. */
  readonly unfenced: Outcome;
  readonly run: (at: Target, child: ChildProcess) => Promise<unknown>;
}

const TWO_QUESTIONS = Buffer.concat([queryFor('a'), Buffer.from('c00c00010001', 'hex')]);
TWO_QUESTIONS[5] = 2;

const CASES: readonly Case[] = [
  {
    title: 'a datagram whose name points at itself',
    transport: 'udp',
    unfenced: 'hung',
    run: async (at) => (await UdpClient.to(at)).send(SELF_POINTING),
  },
  {
    title: 'a frame whose name points at itself',
    transport: 'tcp',
    unfenced: 'hung',
    run: async (at) => (await TcpClient.to(at)).sendNow(framed(SELF_POINTING)),
  },
  {
    title: 'an empty datagram',
    transport: 'udp',
    unfenced: 'dead',
    run: async (at) => (await UdpClient.to(at)).send(Buffer.alloc(0)),
  },
  {
    title: 'a query with two questions',
    transport: 'udp',
    unfenced: 'dead',
    run: async (at) => (await UdpClient.to(at)).send(TWO_QUESTIONS),
  },
  {
    title: 'a UDP reply whose third record starts behind octet 512',
    transport: 'udp',
    unfenced: 'dead',
    run: async (at) => (await UdpClient.to(at)).send(queryFor('big-4')).next(1),
  },
  {
    title: 'a TCP reply with a record that starts behind octet 4096',
    transport: 'tcp',
    unfenced: 'dead',
    run: async (at) => (await TcpClient.to(at)).send(framed(queryFor('big-20'))).next(1),
  },
  {
    title: 'a UDP reply with a record that ends behind octet 512',
    transport: 'udp',
    unfenced: 'wrong reply',
    run: async (at) => {
      const [reply] = await (await UdpClient.to(at)).send(queryFor('big-2')).next(1);
      if (reply?.length !== queryFor('big-2').length + 2 * TXT_RECORD_BYTES) throw new Missing('wrong reply');
    },
  },
  {
    title: 'a name with an octet above 127',
    transport: 'udp',
    unfenced: 'wrong reply',
    run: async (at) => {
      const [reply] = await (await UdpClient.to(at)).send(queryFor('\xff\xfe')).next(1);
      if (!reply?.subarray(12).equals(queryFor('\xff\xfe').subarray(12))) throw new Missing('wrong reply');
    },
  },
  {
    title: 'a reset',
    transport: 'tcp',
    unfenced: 'dead',
    run: async (at) => {
      const client = await TcpClient.to(at);
      await client.send(framed(queryFor('a'), queryFor('held'))).next(1);
      client.socket.resetAndDestroy();
    },
  },
  {
    title: 'a half-close with a reply in flight',
    transport: 'tcp',
    unfenced: 'no reply',
    run: async (at, child) => {
      const client = await TcpClient.to(at);
      await client.send(framed(queryFor('a'), queryFor('held'))).next(1);
      client.socket.end();
      // The reply must not be ready before the server has seen the FIN.
      await answers(at, 'tcp');
      child.send('release');
      expect(await client.untilEnd()).toHaveLength(2);
    },
  },
  {
    title: 'a connection that says nothing',
    transport: 'tcp',
    unfenced: 'still open',
    run: async (at) => {
      const client = await TcpClient.to(at);
      await within(client.untilEnd(), 'still open');
    },
  },
];

describe.each(CASES)('$title', ({ transport, unfenced, run }) => {
  it('does no harm to the fenced library', async () => {
    expect(await outcome('fenced', transport, run)).toBe('alive');
  });

  it(`leaves the library as shipped ${unfenced}`, async () => {
    expect(await outcome('unfenced', transport, run)).toBe(unfenced);
  });
});

async function outcome(kind: string, transport: Transport, run: Case['run']): Promise<Outcome> {
  const child = fork(PROGRAM, [kind, transport], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [at] = await once(child, 'message');
  const died = once(child, 'exit').then((): Outcome => 'dead');
  const lived = run(at, child)
    .then(() => within(answers(at, transport), 'hung'))
    .catch((error): Outcome => (error instanceof Missing ? error.outcome : 'no reply'));
  const seen = await Promise.race([died, lived]);
  if (seen !== 'no reply') return seen;
  // A process that dies closes its sockets first, so a lost reply may be the end of it.
  return within(died, seen).catch((): Outcome => seen);
}

/** Asks as a new client would. */
async function answers(at: Target, transport: Transport): Promise<Outcome> {
  const query = queryFor('alive');
  const client =
    transport === 'udp' ? (await UdpClient.to(at)).send(query) : (await TcpClient.to(at)).send(framed(query));
  const [reply] = await client.next(1);
  return reply?.length === query.length ? 'alive' : 'no reply';
}

class Missing extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome);
    this.outcome = outcome;
  }
}

async function within<T>(promise: Promise<T>, otherwise: Outcome): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Missing(otherwise)), PATIENCE_MS);
    onTestFinished(() => clearTimeout(timer));
  });
  return Promise.race([promise, late]);
}
