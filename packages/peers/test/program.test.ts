import { describe, expect, it } from 'vitest';
import { SUBJECTS } from '../src/index.ts';
import { findProgram, firstVersion, versionOf } from '../src/program.ts';

describe('findProgram', () => {
  it('finds what is on the path, and nothing else', () => {
    expect(findProgram('sh')).toMatch(/^\/.*\/sh$/);
    expect(findProgram('no-such-program-anywhere')).toBeNull();
  });
});

describe('versions', () => {
  it.each([
    ['Knot Resolver, version 5.6.0', '5.6.0'],
    ['Version 1.17.1\n\nConfigure line: --build=x86_64', '1.17.1'],
    ['dnsdist 1.7.3 (Lua 5.1.4 [LuaJIT 2.1.0-beta3])', '1.7.3'],
    ['smartdns 40+dfsg-1', '40'],
    ['unknown option', ''],
  ])('%j', (text, version) => {
    expect(firstVersion(text)).toBe(version);
  });

  it('is empty for a program that is not there', () => {
    expect(versionOf('no-such-program-anywhere', '-V')).toBe('');
  });
});

describe('SUBJECTS', () => {
  it('have names of their own', () => {
    const names = SUBJECTS.map((subject) => subject.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('have a version when they are installed', () => {
    for (const subject of SUBJECTS.filter((each) => each.installed())) {
      expect(subject.version(), subject.name).toMatch(/^\d/);
    }
  });
});
