/**
 *   data in the page ──► entries ──► filters ──► plots and table, drawn anew at each change and width
 */
import { type BarsOptions, barsFigure } from './bars.ts';
import { casesTable, conformanceFigures } from './conformance.ts';
import { type PlotFigure, showFigures } from './figure.ts';
import { Filters } from './filters.ts';
import { latencyFigure } from './latency.ts';
import { lowRateFigures } from './low-rate.ts';
import { type Entry, entriesOf, type PageData, type Spread } from './model.ts';
import { codecFigures, codeFigures, memoryFigures } from './subjects.ts';
import { FiguresTable } from './table.ts';
import { bindTheme } from './theme.ts';

const { comparison, methodLines }: PageData = JSON.parse(element('data').textContent ?? '');
const entries = entriesOf(comparison);
const names = comparison.subjects.map(({ name }) => name);
const others = new Set(entries.map(({ subject }) => subject).filter((name) => !names.includes(name)));
const filters = new Filters(element('filters', HTMLFormElement), entries, [...names, ...others], draw);
const table = new FiguresTable(element('figures', HTMLTableElement));

bindTheme(element('theme'));
describe();
draw();
drawAtNewWidths();

function draw(): void {
  const chosen = filters.chosen();
  const shown = filters.subjects();
  const subjects = comparison.subjects.filter(({ name }) => shown.has(name));
  const cpu = { unit: 'µs', best: 'least', digits: 1, cutOff: true } as const;
  const rate = { unit: 'thousand/s', best: 'most', digits: 1 } as const;
  showFigures(
    'cpu',
    byScenario(chosen, ({ cpu: spread }) => spread, cpu),
  );
  const saturated = chosen.filter(({ scenario }) => scenario.load === 'saturated');
  showFigures(
    'throughput',
    byScenario(saturated, ({ perSecond }) => inThousands(perSecond), rate),
  );
  showFigures('latency', latencies(chosen));
  showFigures('low-rate', lowRateFigures(comparison, shown));
  showFigures('memory', memoryFigures(subjects, entries));
  showFigures('code', codeFigures(subjects));
  showFigures('codec', codecFigures(comparison));
  if (comparison.conformance !== null) {
    showFigures('conformance', conformanceFigures(comparison.conformance));
  }
  table.show(chosen);
}

function byScenario(
  chosen: readonly Entry[],
  pick: (entry: Entry) => Spread | null,
  options: Omit<BarsOptions, 'caption' | 'bars'>,
): PlotFigure[] {
  return scenarios(chosen).flatMap(([caption, own]) => {
    const bars = own.flatMap((entry) => {
      const value = pick(entry);
      return value === null
        ? []
        : [{ subject: entry.subject, value, faded: options.best === 'most' && entry.heldBack }];
    });
    return bars.length === 0 ? [] : [barsFigure({ caption, bars, ...options })];
  });
}

function latencies(chosen: readonly Entry[]): PlotFigure[] {
  return scenarios(chosen.filter(({ latency }) => latency.curve.length > 0)).map(([caption, own]) =>
    latencyFigure(caption, own),
  );
}

function scenarios(chosen: readonly Entry[]): [title: string, entries: Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of chosen) groups.set(entry.title, [...(groups.get(entry.title) ?? []), entry]);
  return [...groups].map(([title, own]) => [`${title.slice(0, 1).toUpperCase()}${title.slice(1)}`, own]);
}

function inThousands(spread: Spread | null): Spread | null {
  if (spread === null) return null;
  return { middle: spread.middle / 1000, least: spread.least / 1000, most: spread.most / 1000 };
}

function describe(): void {
  const { environment, effort, lowRate, conformance } = comparison;
  element('about').textContent =
    `tridot and its peers as forwarders from plain DNS to DNS over TLS, measured on ${environment.date} in one ${effort} run: ` +
    `${environment.cpu}, Linux ${environment.kernel}, Node ${environment.node}, commit ${environment.commit}.`;
  element('low-rate-about').textContent =
    `Queries at random intervals for ${lowRate.seconds} s, at an upstream that closes a connection after ${lowRate.upstreamIdleMs} ms of idling.`;
  element('conformance-about').textContent =
    conformance === null
      ? 'Not graded yet.'
      : `Graded on ${conformance.date}, ${conformance.cases.length} cases. Green: all that apply pass. Amber: at least half. Red: less. Grey: none applies.`;
  const list = document.querySelector('#method ul');
  list?.append(
    ...[...methodLines, ...comparison.failures.map((line) => `Failed: ${line}.`)].map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }),
  );
  const details = document.querySelector<HTMLDetailsElement>('#conformance details');
  if (conformance !== null && details !== null) {
    details.hidden = false;
    element('cases').append(casesTable(conformance));
  }
}

function drawAtNewWidths(): void {
  let width = document.body.clientWidth;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    draw();
  }).observe(document.body);
}

function element(id: string): HTMLElement;
function element<T extends HTMLElement>(id: string, type: new () => T): T;
function element(id: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no #${id}`);
  return found;
}
