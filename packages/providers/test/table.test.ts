import { isIPv4, isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { providersPage } from '../src/docs-page.ts';
import { addressesOf, findProvider, PROVIDERS } from '../src/index.ts';

const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const ISO_DATE = /^20\d\d-[01]\d-[0-3]\d$/;

function duplicates(values: readonly string[]): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i);
}

/** So that `2001:db8::1` and `2001:db8:0::1` count as one. */
function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]/`).hostname : address;
}

describe.each(PROVIDERS)('$name', (provider) => {
  it('has addresses of the family that it says, each once', () => {
    expect(provider.ipv4.length).toBeGreaterThan(0);
    expect(provider.ipv4.filter((address) => !isIPv4(address))).toEqual([]);
    expect(provider.ipv6.filter((address) => !isIPv6(address))).toEqual([]);
    expect(duplicates(addressesOf(provider).map(canonical))).toEqual([]);
  });

  it('has a name that can be written, and one that can be authenticated', () => {
    expect(provider.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(provider.authName).toMatch(HOST_NAME);
  });

  it('says who runs it, where, and where that was found', () => {
    expect(provider.operator.country).toMatch(/^[A-Z]{2}$/);
    expect(provider.operator.law).not.toBe('');
    expect(new URL(provider.operator.privacyPolicy.url).protocol).toBe('https:');
    expect(provider.operator.privacyPolicy.checkedOn).toMatch(ISO_DATE);
    expect(provider.source.readOn).toMatch(ISO_DATE);
    if (provider.source.kind !== 'memory') expect(provider.source.url).toMatch(/^https:/);
    expect(provider.ended?.on ?? '2026-01-01').toMatch(ISO_DATE);
  });

  it('is found by its name', () => {
    expect(findProvider(provider.name)).toBe(provider);
  });
});

describe('the table', () => {
  it('has each name, and each address under one certificate name, once', () => {
    expect(duplicates(PROVIDERS.map(({ name }) => name))).toEqual([]);
    const services = PROVIDERS.flatMap((provider) =>
      addressesOf(provider).map((address) => `${canonical(address)}#${provider.authName}`),
    );
    expect(duplicates(services)).toEqual([]);
  });

  it('shares addresses only between variants that SNI tells apart', () => {
    const owners = new Map<string, Set<string>>();
    for (const provider of PROVIDERS) {
      for (const address of addressesOf(provider).map(canonical)) {
        owners.set(address, (owners.get(address) ?? new Set()).add(provider.operator.name));
      }
    }
    expect([...owners.values()].filter((operators) => operators.size > 1)).toEqual([]);
  });

  it('does not find what is not in it', () => {
    for (const name of ['', 'Cloudflare', 'constructor', '__proto__', 'toString'])
      expect(findProvider(name)).toBeUndefined();
  });
});

describe('the page', () => {
  const page = providersPage(PROVIDERS);

  it('names every provider, and only providers and files in its text', () => {
    for (const { name } of PROVIDERS) expect(page).toContain(`\`${name}\``);
    const text = page.slice(page.indexOf('## Under one'), page.indexOf('## Ended'));
    const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
    expect(quoted.filter((name) => !name.includes('/') && findProvider(name)?.ended !== null)).toEqual([]);
  });
});
