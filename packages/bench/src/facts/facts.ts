import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FENCES } from '@tridot/library';
import { findProgram, STRATEGY_NAMES, type Subject } from '@tridot/peers';
import { codeLinesBelow } from './code.ts';
import { debianBytes, type InstalledPackage, installedFor } from './installed.ts';
import type { StaticFacts } from './static-facts.ts';

const PACKAGES = fileURLToPath(new URL('../../..', import.meta.url));
const NOTHING: StaticFacts = {
  codeLines: null,
  codeLinesBeneath: null,
  dependencies: null,
  dependenciesOfItsOwn: null,
  installedBytes: null,
  fences: null,
};

export function staticFactsOf(subject: Subject): StaticFacts {
  if (subject.kind === 'tridot') return factsOfStrategy(subject.name);
  const program = subject.kind === 'peer' ? findProgram(subject.name) : null;
  return program === null ? NOTHING : { ...NOTHING, installedBytes: debianBytes(program) };
}

/** Bytes of the Node that runs the strategies, which none of their figures holds. */
export function nodeBytes(): number {
  return installedBytesOf(installedFor(join(PACKAGES, '../node_modules/node')));
}

function factsOfStrategy(name: string): StaticFacts {
  const installed = installedFor(join(PACKAGES, name));
  const foreign = installed.filter(({ own }) => !own);
  const elsewhere = new Set(
    STRATEGY_NAMES.filter((other) => other !== name)
      .flatMap((other) => installedFor(join(PACKAGES, other)))
      .map(({ directory }) => directory),
  );
  const itsOwn = installed.filter(({ directory }) => !elsewhere.has(directory));
  const beneath = itsOwn.filter(({ directory }) => directory !== join(PACKAGES, name));
  return {
    codeLines: codeLinesBelow(join(PACKAGES, name, 'src'), '**/*.ts'),
    codeLinesBeneath: beneath.reduce((sum, each) => sum + linesOf(each), 0),
    dependencies: foreign.length,
    dependenciesOfItsOwn: itsOwn.filter(({ own }) => !own).length,
    installedBytes: installedBytesOf(installed),
    fences: name === 'library' ? FENCES.length : 0,
  };
}

function linesOf({ directory, own }: InstalledPackage): number {
  return own
    ? codeLinesBelow(join(directory, 'src'), '**/*.ts')
    : codeLinesBelow(directory, '{*.js,{lib,dist,src}/**/*.{js,mjs,cjs}}');
}

function installedBytesOf(installed: readonly InstalledPackage[]): number {
  return installed.reduce((sum, { bytes }) => sum + bytes, 0);
}
