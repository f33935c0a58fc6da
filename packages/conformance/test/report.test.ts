import { describe, expect, it } from 'vitest';
import { CASES } from '../src/cases/index.ts';
import { parseCommand } from '../src/command-line.ts';
import { addedTo } from '../src/report/earlier.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { countOf, matrixOf, peerFindings, suspectsOf } from '../src/report/matrix.ts';
import { terminalReport } from '../src/report/terminal.ts';
import type { CaseResult, Verdict } from '../src/runner.ts';

describe('the matrix', () => {
  const graded = [
    {
      name: 'one',
      version: '1.0',
      peer: false,
      results: [result('H1', 'udp', 'pass'), result('H1', 'tcp', 'fail'), result('U3', 'udp', 'fail')],
    },
    {
      name: 'two',
      version: '2.0',
      peer: true,
      results: [
        result('H1', 'udp', 'pass'),
        result('H1', 'tcp', 'pass'),
        result('U3', 'udp', 'not applicable'),
      ],
    },
  ];

  it('has a cell for each case and subject', () => {
    const cells = matrixOf(CASES, graded).map((row) => [row.id, ...row.cells]);
    expect(cells).toEqual([
      ['U3', 'fail', '-'],
      ['H1', 'fail tcp', 'pass'],
    ]);
  });

  it('counts what passes of what is applicable', () => {
    expect(graded.map(({ results }) => countOf(results))).toEqual(['1/3', '2/2']);
  });

  it('puts what is graded again in the place of what was there, and new subjects behind', () => {
    const again = { name: 'one', version: '1.1', peer: false, results: [result('H1', 'tcp', 'pass')] };
    const third = { name: 'three', version: '3.0', peer: true, results: [result('U3', 'udp', 'pass')] };
    const ids = CASES.map(({ id }) => id);
    const merged = addedTo(graded, [again, third], ids);
    expect(merged.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'one 1.1',
      'two 2.0',
      'three 3.0',
    ]);
    expect(merged[0]?.results.map(({ key, verdict }) => `${key} ${verdict}`)).toEqual([
      'U3 udp fail',
      'H1 udp pass',
      'H1 tcp pass',
    ]);
    expect(addedTo(graded, [], ['H1']).flatMap(({ results }) => results.map(({ id }) => id))).not.toContain(
      'U3',
    );
  });

  it('names the cases that nobody passes', () => {
    expect(suspectsOf(matrixOf(CASES, graded)).map((row) => row.id)).toEqual(['U3']);
    expect(terminalReport(CASES, graded)).toContain('passed by no subject: U3');
  });

  it('names the cases that no peer passes, and whose reason is missing or untrue', () => {
    const alone = { oursAlone: 'a reason' };
    const peers = (['one', 'two'] as const).map((name) => ({
      name,
      version: '',
      peer: true,
      results: [
        result('H1', 'udp', 'fail'),
        result('H1', 'tcp', name === 'two' ? 'pass' : 'fail'),
        { ...result('U3', 'udp', 'fail'), ...alone },
        { ...result('U6', 'udp', name === 'two' ? 'pass' : 'fail'), ...alone },
        result('Z4', 'udp', 'not applicable'),
      ],
    }));
    expect(peerFindings(peers)).toEqual({ unexplained: ['H1 udp'], contradicted: ['U6'] });
    expect(terminalReport(CASES, peers)).toContain('passed by no peer, and no reason given: H1 udp');
    expect(markdownReport(CASES, peers)).toContain(
      'no other forwarder passes, with no reason given: H1 udp.',
    );
  });

  it('is a page with a table for each section that was run', () => {
    const page = markdownReport(CASES, graded);
    expect(page).toContain(
      '| H1 | MUST forward a query octet for octet, but for its ID and its OPT (RFC 5625 §3) | fail tcp | pass |',
    );
    expect(page).not.toContain('## Z:');
  });
});

describe('the command line', () => {
  it('selects cases by id, variant and section', () => {
    const command = parseCommand(['--subject', 'raw', '--case', 'U4,T']);
    if (command === 'help') throw new Error('not help');
    expect(['U4', 'U4.rcode', 'U40', 'T9.1-octets', 'H1'].filter(command.isWanted)).toEqual([
      'U4',
      'U4.rcode',
      'T9.1-octets',
    ]);
  });

  it('reads a target with its upstream port', () => {
    expect(parseCommand(['--target', '[::1]:53', '--upstream-port', '8853'])).toMatchObject({
      target: { address: '::1', port: 53, upstreamPort: 8_853 },
    });
  });

  it.each([
    [[], '--subject or --target is needed'],
    [['--subject', 'bind'], '--subject is bind, it may be'],
    [['--target', '127.0.0.1'], '--target is 127.0.0.1'],
    [['--target', '127.0.0.1:53'], '--upstream-port is missing'],
    [['--nonsense'], '--nonsense'],
  ])('refuses %j', (words, message) => {
    expect(() => parseCommand(words)).toThrow(message);
  });
});

function result(id: string, transport: 'udp' | 'tcp', verdict: Verdict): CaseResult {
  const text = {
    key: `${id} ${transport}`,
    id,
    section: id.charAt(0),
    level: 'MUST' as const,
    title: 'MUST',
  };
  return { ...text, transport, verdict, durationMs: 1 };
}
