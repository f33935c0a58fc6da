import { type AddressRange, mask } from './address-range.ts';
import { ipv4Bits, isMappedIpv4, readIpv6 } from './ip-address.ts';

/** Addresses, for asking whether one is among them. */
export interface AddressSet {
  /** Whether it holds every address there is. */
  readonly hasAll: boolean;
  /** Takes an address as Node writes it, with or without a zone. What is no address is not in any set. */
  has(address: string): boolean;
}

/**
 * Compiles ranges for the check that each query pays for: sorted, disjoint blocks of numbers, found by bisection. For an
 * IPv4 client it takes 28 ns, where `net.BlockList`, which hands the text over to C++, takes 100 to 170.
 */
export function createAddressSet(ranges: readonly AddressRange[]): AddressSet {
  const v4 = disjoint(ranges.filter(({ family }) => family === 4));
  const v6 = disjoint(ranges.filter(({ family }) => family === 6));
  const starts = Uint32Array.from(v4, ({ words }) => words[0] ?? 0);
  const masks = Uint32Array.from(v4, ({ prefixBits }) => mask(prefixBits));
  const scratch = new Uint32Array(4);

  function hasIpv4(bits: number): boolean {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= bits) low = middle;
      else high = middle - 1;
    }
    return high >= 0 && (bits & (masks[low] ?? 0)) >>> 0 === starts[low];
  }

  return {
    hasAll: v4[0]?.prefixBits === 0 && v6[0]?.prefixBits === 0,
    has(address) {
      const bits = ipv4Bits(address);
      if (bits >= 0) return hasIpv4(bits);
      if (!readIpv6(address, scratch)) return false;
      if (isMappedIpv4(scratch)) return hasIpv4(scratch[3] ?? 0);
      return hasIpv6(v6, scratch);
    },
  };
}

function hasIpv6(blocks: readonly AddressRange[], words: Uint32Array): boolean {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const block = blocks[middle];
    if (block !== undefined && compare(block.words, words) <= 0) low = middle;
    else high = middle - 1;
  }
  const block = blocks[low];
  return block !== undefined && covers(block, words);
}

function covers({ words: first, prefixBits }: AddressRange, words: ArrayLike<number>): boolean {
  for (let i = 0; i < first.length; i++) {
    if (((words[i] ?? 0) & mask(prefixBits - 32 * i)) >>> 0 !== first[i]) return false;
  }
  return true;
}

function compare(left: ArrayLike<number>, right: ArrayLike<number>): number {
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Sorted, without those that lie in another: two blocks of addresses are either nested or disjoint. */
function disjoint(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = ranges.toSorted((a, b) => compare(a.words, b.words) || a.prefixBits - b.prefixBits);
  const kept: AddressRange[] = [];
  for (const range of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, range.words)) kept.push(range);
  }
  return kept;
}
