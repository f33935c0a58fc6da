import { expect, it } from 'vitest';
import { describeWith, run } from '../programs/programs.ts';
import { startForwarder, startUnboundDot, upstreamFlags } from '../programs/servers.ts';

const STRATEGIES = ['raw', 'framework', 'library'];

for (const strategy of STRATEGIES) {
  describeWith(['dig', 'kdig'], `${strategy} with the embedded upstream`, () => {
    it('answers dig over UDP and TCP, and a type that dig does not know', async () => {
      const { port } = await startForwarder(strategy, '--upstream', 'embedded');
      const ask = (...args: string[]) => run('dig', '@127.0.0.1', '-p', `${port}`, '+short', ...args);
      expect(await ask('example.com')).toBe('192.0.2.1\n');
      expect(await ask('+tcp', 'example.com')).toBe('192.0.2.1\n');
      expect(await ask('example.com', 'TYPE65280')).toBe('\\# 6 C00CC00CFFFF\n');
      const signed = await run('dig', '@127.0.0.1', '-p', `${port}`, '+dnssec', 'example.com');
      expect(signed).toMatch(/flags: do; udp: 1232/);
      expect(signed).toMatch(/RRSIG\s+A/);
    });

    it('truncates 60 KB over UDP, and dig gets it all over TCP', async () => {
      const { port } = await startForwarder(strategy, '--upstream', 'embedded');
      const big = ['@127.0.0.1', '-p', `${port}`, 'big.example.com', 'TXT'];
      expect(await run('dig', '+ignore', ...big)).toMatch(/flags: [a-z ]*\btc\b/);
      const whole = await run('dig', ...big);
      expect(whole).toMatch(/SERVER: .*\(TCP\)/);
      expect(Number(/MSG SIZE {2}rcvd: (\d+)/.exec(whole)?.[1])).toBeGreaterThan(60_000);
    });

    it('answers kdig, pipelined over one connection', async () => {
      const { port } = await startForwarder(strategy, '--upstream', 'embedded');
      const names = Array.from({ length: 20 }, (_, index) => `token-${index}.example.com`);
      const answers = await run(
        'kdig',
        '@127.0.0.1',
        '-p',
        `${port}`,
        '+tcp',
        '+keepopen',
        '+short',
        ...names,
      );
      expect(answers.trim().split('\n')).toHaveLength(20);
      expect(new Set(answers.trim().split('\n')).size).toBe(20);
    });
  });

  describeWith(['dig', 'unbound'], `${strategy} with unbound as its upstream`, () => {
    it('answers over UDP, TCP, with DNSSEC flags, and a type that dig does not know', async () => {
      const unbound = await startUnboundDot();
      const { port } = await startForwarder(strategy, ...(await upstreamFlags(unbound.port)));
      const ask = (...args: string[]) => run('dig', '@127.0.0.1', '-p', `${port}`, '+short', ...args);
      expect(await ask('example.com')).toBe('192.0.2.1\n');
      expect(await ask('+tcp', 'example.com', 'AAAA')).toBe('2001:db8::1\n');
      expect(await ask('+dnssec', 'example.com')).toBe('192.0.2.1\n');
      expect(await ask('example.com', 'TYPE65280')).toBe('\\# 6 C00CC00CFFFF\n');
    });

    it('passes a large answer over TCP, and truncates it over UDP with the records that fit', async () => {
      const unbound = await startUnboundDot();
      const { port } = await startForwarder(strategy, ...(await upstreamFlags(unbound.port)));
      const whole = await run('dig', '@127.0.0.1', '-p', `${port}`, 'big.example.com', 'TXT');
      expect(whole).toMatch(/SERVER: .*\(TCP\)/);
      expect(Number(/MSG SIZE {2}rcvd: (\d+)/.exec(whole)?.[1])).toBeGreaterThan(55_000);
      const cut = await run('dig', '@127.0.0.1', '-p', `${port}`, '+ignore', '+noedns', 'many.example.com');
      expect(cut).toMatch(/flags: [a-z ]*\btc\b/);
      expect(Number(/ANSWER: (\d+)/.exec(cut)?.[1])).toBeGreaterThanOrEqual(20);
    });
  });
}
