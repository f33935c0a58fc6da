import { colorOf } from './colors.ts';
import type { Entry } from './model.ts';

/** What can be chosen, and the words for it. */
const GROUPS = [
  {
    name: 'level',
    title: 'Level',
    of: ({ scenario }: Entry) => scenario.level,
    words: { 'end-to-end': 'whole forwarder', listener: 'listener alone' },
  },
  {
    name: 'transport',
    title: 'Transport',
    of: ({ scenario }: Entry) => scenario.transport,
    words: { udp: 'UDP', tcp: 'TCP pipelined', 'tcp-connection': 'TCP, connection each' },
  },
  {
    name: 'names',
    title: 'Names',
    of: ({ scenario }: Entry) => scenario.names,
    words: { new: 'new', 'new-kept': 'new, cache on', cached: 'cached' },
  },
  {
    name: 'load',
    title: 'Load',
    of: ({ scenario }: Entry) => scenario.load,
    words: { saturated: 'saturated', fixed: 'fixed rate', single: 'one in flight' },
  },
  { name: 'subject', title: 'Subjects', of: ({ subject }: Entry) => subject, words: {} },
] as const;

/** Pills that choose which entries are shown. */
export class Filters {
  readonly #form: HTMLFormElement;
  readonly #entries: readonly Entry[];

  constructor(
    form: HTMLFormElement,
    entries: readonly Entry[],
    subjects: readonly string[],
    onChange: () => void,
  ) {
    this.#form = form;
    this.#entries = entries;
    for (const { name, title, of, words } of GROUPS) {
      const known: Readonly<Record<string, string>> = words;
      const measured = new Set<string>(entries.map(of));
      const values =
        name === 'subject' ? subjects : Object.keys(known).filter((value) => measured.has(value));
      form.append(fieldset(name, title, values, known));
    }
    form.addEventListener('change', onChange);
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** What is chosen of all that was measured. */
  chosen(): Entry[] {
    const wanted = GROUPS.map(({ name, of }) => ({ of, values: this.#valuesOf(name) }));
    return this.#entries.filter((entry) => wanted.every(({ of, values }) => values.has(of(entry))));
  }

  subjects(): Set<string> {
    return this.#valuesOf('subject');
  }

  #valuesOf(name: string): Set<string> {
    return new Set(new FormData(this.#form).getAll(name).map(String));
  }
}

function fieldset(
  name: string,
  title: string,
  values: readonly string[],
  words: Readonly<Record<string, string>>,
): HTMLFieldSetElement {
  const group = document.createElement('fieldset');
  const legend = document.createElement('legend');
  legend.textContent = title;
  group.append(legend);
  for (const value of values) {
    const label = document.createElement('label');
    label.className = 'pill';
    const input = document.createElement('input');
    input.type = 'checkbox';
    input.name = name;
    input.value = value;
    input.checked = true;
    label.append(input);
    if (name === 'subject') {
      const dot = document.createElement('span');
      dot.className = 'dot';
      label.style.setProperty('--subject', colorOf(value));
      label.append(dot);
    }
    label.append(words[value] ?? value);
    group.append(label);
  }
  return group;
}
