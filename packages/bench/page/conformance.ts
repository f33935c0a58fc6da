import { cell, text } from '@observablehq/plot';
import type { ConformanceMatrix, MatrixVerdict } from '../src/compare/conformance.ts';
import type { PlotFigure } from './figure.ts';

interface Cell {
  readonly subject: string;
  readonly section: string;
  readonly passed: number;
  readonly applicable: number;
}

const MARKS: Record<MatrixVerdict, string> = { pass: '✓', fail: '✗', mixed: '◐', none: '' };

/** A cell for each subject and section: how many of the cases that apply to it pass. */
export function conformanceFigures(matrix: ConformanceMatrix | null): PlotFigure[] {
  if (matrix === null) return [];
  const sections = [...new Set(matrix.cases.map(({ section }) => section))];
  const cells = matrix.subjects.flatMap(({ name, verdicts }) =>
    sections.map((section): Cell => {
      const own = verdicts.filter(
        (verdict, index) => matrix.cases[index]?.section === section && verdict !== 'none',
      );
      return {
        subject: name,
        section,
        passed: own.filter((verdict) => verdict === 'pass').length,
        applicable: own.length,
      };
    }),
  );
  const names = matrix.subjects.map(({ name }) => name);
  return [
    {
      caption: 'Cases passed, by section',
      wide: true,
      options: (width) => ({
        height: names.length * 28 + 40,
        marginLeft: 110,
        marginTop: 26,
        marginBottom: 4,
        x: { domain: sections, axis: 'top', label: null, tickSize: 0 },
        y: { domain: names, label: null, tickSize: 0 },
        marks: [
          cell(cells, {
            x: 'section',
            y: 'subject',
            fill: fillOf,
            fillOpacity: 0.85,
            inset: 1,
            title: ({ subject, section, passed, applicable }: Cell) =>
              `${subject}, ${section}: ${passed} of ${applicable}`,
          }),
          text(cells, {
            x: 'section',
            y: 'subject',
            text: ({ passed, applicable }: Cell) =>
              applicable === 0 ? '' : labelOf(passed, applicable, width),
            fill: 'white',
            fontSize: 11,
          }),
        ],
      }),
    },
  ];
}

/** Every case, as a table. */
export function casesTable(matrix: ConformanceMatrix): HTMLTableElement {
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const title of ['case', 'requirement', ...matrix.subjects.map(({ name }) => name)]) {
    const th = document.createElement('th');
    th.textContent = title;
    if (title === 'requirement') th.className = 'text';
    head.append(th);
  }
  const body = table.createTBody();
  matrix.cases.forEach(({ id, title }, index) => {
    const row = body.insertRow();
    row.insertCell().textContent = id;
    const about = row.insertCell();
    about.textContent = title;
    about.className = 'text';
    for (const { verdicts } of matrix.subjects) {
      const verdict = verdicts[index] ?? 'none';
      const mark = row.insertCell();
      mark.textContent = MARKS[verdict];
      mark.className = `verdict ${verdict}`;
      mark.title = verdict;
    }
  });
  return table;
}

function fillOf({ passed, applicable }: Cell): string {
  if (applicable === 0) return 'var(--none)';
  if (passed === applicable) return 'var(--good)';
  return passed * 2 >= applicable ? 'var(--mixed)' : 'var(--bad)';
}

function labelOf(passed: number, applicable: number, width: number): string {
  return width > 500 ? `${passed}/${applicable}` : String(passed);
}
