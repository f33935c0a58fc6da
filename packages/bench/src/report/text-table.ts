/** Rows of cells; the first is the head. The first column is text, the others are figures. */
export type Cells = readonly (readonly string[])[];

/** Columns lined up with spaces, for a terminal. */
export function plainTable(cells: Cells): string {
  const widths = columnWidths(cells);
  return cells.map((row) => padded(row, widths).join('  ').trimEnd()).join('\n');
}

/** A Markdown table. */
export function markdownTable(cells: Cells): string {
  const widths = columnWidths(cells);
  const lines = cells.map((row) => `| ${padded(row, widths).join(' | ')} |`);
  const rule = `|${widths.map((width, column) => (column === 0 ? `${'-'.repeat(width + 2)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function padded(row: readonly string[], widths: readonly number[]): string[] {
  return widths.map((width, column) => {
    const cell = row[column] ?? '';
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
}

function columnWidths(cells: Cells): number[] {
  const columns = Math.max(0, ...cells.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...cells.map((row) => (row[column] ?? '').length)),
  );
}
