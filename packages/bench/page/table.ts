import type { Entry } from './model.ts';

interface Column {
  readonly title: string;
  readonly text?: boolean;
  readonly value: (entry: Entry) => string | number | null;
  readonly digits?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'subject', text: true, value: ({ subject }) => subject },
  { title: 'scenario', text: true, value: ({ title }) => title },
  { title: 'CPU µs', value: ({ cpu }) => cpu?.middle ?? null, digits: 1 },
  { title: 'queries/s', value: ({ perSecond }) => perSecond?.middle ?? null, digits: 0 },
  { title: 'p50 ms', value: ({ latency }) => latency.p50, digits: 3 },
  { title: 'p99 ms', value: ({ latency }) => latency.p99, digits: 3 },
  { title: 'p99.9 ms', value: ({ latency }) => latency.p999, digits: 3 },
  { title: 'lost', value: ({ lost }) => lost, digits: 0 },
  { title: 'failed', value: ({ failed }) => failed, digits: 0 },
  { title: 'RSS MiB', value: ({ residentMebibytes }) => residentMebibytes, digits: 0 },
  { title: 'CPU of each round, µs', text: true, value: ({ rounds }) => rounds },
];

/** The table of all figures. Sorting lasts when its rows change. */
export class FiguresTable {
  readonly #table: HTMLTableElement;
  #entries: readonly Entry[] = [];
  #sortedBy: Column | undefined;
  #descending = false;

  constructor(table: HTMLTableElement) {
    this.#table = table;
    const head = table.createTHead().insertRow();
    for (const column of COLUMNS) {
      const th = document.createElement('th');
      if (column.text === true) th.className = 'text';
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = column.title;
      button.addEventListener('click', () => this.#sortBy(column, th));
      th.append(button);
      head.append(th);
    }
    table.createTBody();
  }

  show(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#draw();
  }

  #sortBy(column: Column, head: HTMLElement): void {
    this.#descending = this.#sortedBy === column && !this.#descending;
    this.#sortedBy = column;
    for (const th of this.#table.querySelectorAll('th')) th.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', this.#descending ? 'descending' : 'ascending');
    this.#draw();
  }

  #draw(): void {
    const column = this.#sortedBy;
    const sign = this.#descending ? -1 : 1;
    const sorted =
      column === undefined
        ? this.#entries
        : this.#entries.toSorted((a, b) => sign * compare(column.value(a), column.value(b), sign));
    this.#table.tBodies[0]?.replaceChildren(...sorted.map(rowOf));
  }
}

/** What is not known comes last, whichever way it is sorted. */
function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : (a === null ? 1 : -1) * sign;
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function rowOf(entry: Entry): HTMLTableRowElement {
  const row = document.createElement('tr');
  for (const { value, digits, text, title } of COLUMNS) {
    const cell = row.insertCell();
    const known = value(entry);
    cell.textContent = typeof known === 'number' ? known.toFixed(digits ?? 0) : (known ?? '–');
    if (text === true) cell.className = title.startsWith('CPU') ? 'text rounds' : 'text';
  }
  return row;
}
