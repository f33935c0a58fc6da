/**
 *   pnpm conformance --subject raw,unbound …      starts each subject itself
 *   pnpm conformance --target 127.0.0.1:53 --upstream-port 8853      grades a server that runs already
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { CASES } from './cases/index.ts';
import { type Command, HELP, parseCommand, UsageError } from './command-line.ts';
import { machineAbilities } from './machine.ts';
import { addedTo } from './report/earlier.ts';
import { markdownReport } from './report/markdown.ts';
import type { GradedSubject } from './report/matrix.ts';
import { Progress } from './report/progress.ts';
import { failures, terminalReport } from './report/terminal.ts';
import { runCases } from './runner.ts';
import { Certificates } from './stand.ts';
import { subjectNamed } from './subjects/index.ts';
import { targetSubject } from './subjects/target-subject.ts';

try {
  const command = parseCommand(process.argv.slice(2));
  if (command === 'help') process.stdout.write(HELP);
  else await grade(command);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`conformance: ${error.message}\n`);
  process.exitCode = 2;
}
// A case that failed may have left something at work, for which nobody waits.
process.exit();

async function grade(command: Command): Promise<void> {
  const cases = CASES.filter((each) => command.isWanted(each.id));
  if (cases.length === 0) throw new UsageError('no case has such an id');
  const earlier = command.earlier === undefined ? [] : readEarlier(command.earlier);
  const certificates = await Certificates.create();
  const subjects =
    command.target === undefined ? command.subjects.map(subjectNamed) : [targetSubject(command.target)];
  if (command.target !== undefined) await untilConfigured(command, certificates);
  const machine = await machineAbilities();
  const graded: GradedSubject[] = [];
  for (const subject of subjects) {
    const progress = new Progress(
      subject,
      cases.reduce((sum, each) => sum + each.transports.length, 0),
    );
    const results = await runCases({
      subject,
      cases,
      machine,
      certificates,
      onResult: (result) => progress.count(result.verdict),
    });
    progress.end();
    graded.push({ name: subject.name, version: subject.version ?? '', peer: subject.peer ?? false, results });
  }
  for (const each of graded) for (const line of failures(each)) process.stdout.write(`${line}\n`);
  process.stdout.write(`\n${terminalReport(cases, graded)}`);
  const ids = CASES.map(({ id }) => id);
  const subjectsToTell = addedTo(earlier, graded, ids);
  const result = { node: process.version, subjects: subjectsToTell };
  if (command.json !== undefined) writeFileSync(command.json, `${JSON.stringify(result, null, 2)}\n`);
  if (command.markdown !== undefined) writeFileSync(command.markdown, markdownReport(CASES, subjectsToTell));
  process.exitCode = graded.some(({ results }) => results.some((result) => result.verdict === 'fail'))
    ? 1
    : 0;
}

/** @throws {UsageError} ERR_USAGE: not the results of a run. */
function readEarlier(file: string): GradedSubject[] {
  try {
    const { subjects }: { subjects: GradedSubject[] } = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(subjects)) return subjects;
  } catch (cause) {
    throw new UsageError(`--with is ${file}, which cannot be read as results: ${cause}`, { cause });
  }
  throw new UsageError(`--with is ${file}, it may be a file that --json wrote`);
}

/** Tells how the server must be set, and waits until somebody says that it is. */
async function untilConfigured(command: Command, { ca }: Certificates): Promise<void> {
  if (command.target === undefined) return;
  writeFileSync(command.caFile, ca.pem);
  process.stdout.write(
    [
      `The server at ${command.target.address}:${command.target.port} has to forward everything, uncached, over TLS to`,
      `  address              127.0.0.1, port ${command.target.upstreamPort}`,
      '  authentication name  dot.example.com',
      `  trust anchor         ${command.caFile}`,
      '',
    ].join('\n'),
  );
  if (command.yes) return;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  await lines.question('Press Enter when it does. ');
  lines.close();
}
