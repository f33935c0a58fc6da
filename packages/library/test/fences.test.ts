import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTCPServer, createUDPServer } from 'native-dns-multisocket/lib/server.js';
import { describe, expect, it } from 'vitest';
import { framed, queryFor, TcpClient } from '../../../test/listener/clients.ts';
import { introduce, keepHalfOpen, sendAtOnce, takeReading } from '../src/fences/connection.ts';
import { Intake } from '../src/fences/intake.ts';
import { guardParser } from '../src/fences/request-path.ts';
import { bound, closed } from '../src/fences/server.ts';
import { FENCES } from '../src/index.ts';

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

describe('the list of fences', () => {
  it.each(FENCES)('$name is where the list says, and in the README', ({ name, file, breaks }) => {
    expect(read(`../src/${file}`)).toContain(name);
    expect(read('../README.md').replace(/ +/g, ' ')).toContain(`| \`${name}\` | ${breaks} |`);
  });

  it('names each once, and every function that calls itself a fence', () => {
    expect(new Set(FENCES.map(({ name }) => name)).size).toBe(FENCES.length);
    const files = new Set(FENCES.map(({ file }) => file));
    const comments = [...files].flatMap((file) => read(`../src/${file}`).match(/Fence: /g) ?? []);
    const imports = FENCES.filter(({ name }) => name.includes('/'));
    expect(comments).toHaveLength(FENCES.length - imports.length);
    expect(read('../README.md')).toContain(`${FENCES.length} fences`);
  });
});

describe('what the fences hold on to in the library', () => {
  it('does not load the entry that reads /etc/resolv.conf', () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.some((path) => path.endsWith('native-dns-multisocket/lib/server.js'))).toBe(true);
    expect(loaded.some((path) => /native-dns-multisocket\/(dns|lib\/platform)\.js$/.test(path))).toBe(false);
  });

  it('is the pinned version', () => {
    const { dependencies } = JSON.parse(read('../package.json'));
    expect(dependencies['native-dns-multisocket']).toBe('0.7.0');
  });

  it('throws on what the handler throws, and does not take it for a parse error', () => {
    const server = createUDPServer({ dgram_type: { type: 'udp4' } });
    const answer = guardParser(server, () => {
      throw new Error('of the handler');
    });
    const remote = { _socket: { send: () => {} }, buffer: () => Buffer.alloc(0), send: () => {} };
    expect(() => answer(queryFor('a'), remote, { address: '127.0.0.1', port: 1 })).toThrow('of the handler');
    server.close();
  });

  it('rejects when the bind fails', async () => {
    const server = createTCPServer();
    server.serve({ host: '192.0.2.1', port: 0 });
    await expect(bound(server)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('reports the end of a socket, once it is the end', async () => {
    const server = createUDPServer({ dgram_type: { type: 'udp4' } });
    const told: string[] = [];
    server._socket.on('close', () => told.push('close'));
    await closed(server);
    expect(told).toEqual(['close']);
  });

  it('sets the names that Node reads when it accepts a connection', () => {
    const ours = createTCPServer()._socket;
    keepHalfOpen(ours);
    sendAtOnce(ours);
    const wanted = createServer({ allowHalfOpen: true, noDelay: true });
    for (const name of ['allowHalfOpen', 'noDelay']) {
      expect(Reflect.get(wanted, name)).toBe(true);
      expect(Reflect.get(ours, name)).toBe(true);
    }
  });

  it('is given a frame that comes octet by octet in three pieces', () => {
    const server = createTCPServer();
    const socket = new Socket();
    server._socket.emit('connection', socket);
    const feed = takeReading(socket);
    const parser = introduce(server, feed);
    const fedBytes: number[] = [];
    const messages: Buffer[] = [];
    server.handleMessage = (message) => messages.push(message);
    const counted = (octets: Buffer): void => {
      fedBytes.push(octets.length);
      feed(octets);
    };
    const intake = new Intake(counted, parser, (message) => messages.push(message));
    const query = Buffer.alloc(65_535, 7);
    for (const octet of framed(query)) {
      intake.push(Buffer.from([octet]));
      intake.flow(() => true);
    }
    expect(fedBytes).toEqual([1, 1, 65_537]);
    expect(messages).toEqual([query]);
    socket.destroy();
  });

  it('writes nothing to the standard error stream', async () => {
    const program = fileURLToPath(new URL('./subject-process.ts', import.meta.url));
    const child = fork(program, ['fenced', 'tcp'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const [at] = await once(child, 'message');
    await (await TcpClient.to(at)).send(framed(queryFor('a'))).next(1);
    const { stderr } = child;
    if (stderr === null) throw new Error('no standard error stream');
    child.disconnect();
    expect(await text(stderr)).toBe('');
  });
});
