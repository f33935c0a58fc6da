/** Those from `least` to `most`, as the ticks of a logarithmic axis. */
export function powersOfTen(least: number, most: number): number[] {
  const first = Math.ceil(Math.log10(least) - 1e-9);
  const last = Math.floor(Math.log10(most) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number((10 ** (first + index)).toPrecision(1)),
  );
}
