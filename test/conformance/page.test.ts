import { readFileSync } from 'node:fs';
import { CASES } from '@tridot/conformance';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/CONFORMANCE.md', import.meta.url), 'utf8');

/** The page is made by a run that takes half an hour, so here is only seen that it is about the suite as it is now. */
describe('docs/CONFORMANCE.md', () => {
  it('has a row for every case, and for no other', () => {
    const rows = [...page.matchAll(/^\| ([A-Z]\d+[\w.-]*) +\| (?:MUST|SHOULD|MAY)/gm)].map(([, id]) => id);
    expect(rows.sort()).toEqual(CASES.map(({ id }) => id).sort());
  });

  it('says of what no other forwarder passes that it is ours alone, and of nothing else', () => {
    expect(page).toContain('with no reason given: none.');
    expect(page).toContain('that another forwarder passes: none.');
  });
});
