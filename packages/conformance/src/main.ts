/**
 *   pnpm conformance --subject raw,unbound …      starts each subject itself
 *   pnpm conformance --target 127.0.0.1:53 --upstream-port 8853      grades a server that runs already
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { CASES } from './cases/index.ts';
import { type Command, HELP, parseCommand, UsageError } from './command-line.ts';
import { machineAbilities } from './machine.ts';
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
  if (command.json !== undefined)
    writeFileSync(command.json, `${JSON.stringify({ node: process.version, subjects: graded }, null, 2)}\n`);
  if (command.markdown !== undefined) writeFileSync(command.markdown, markdownReport(cases, graded));
  process.exitCode = graded.some(({ results }) => results.some((result) => result.verdict === 'fail'))
    ? 1
    : 0;
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
