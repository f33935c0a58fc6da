import { type PlotOptions, plot } from '@observablehq/plot';

/** A plot in its frame, as wide as its place in the page. */
export interface PlotFigure {
  readonly caption: string;
  readonly wide?: boolean;
  /** @param width in pixels, inside the frame. */
  readonly options: (width: number) => PlotOptions;
}

const FRAME_PADDING = 26;

/** Replaces what is in a section by these plots; says so when there are none. */
export function showFigures(section: string, figures: readonly PlotFigure[]): void {
  const place = document.querySelector<HTMLElement>(`#${section} .plots`);
  if (place === null) return;
  place.replaceChildren(...figures.map(frameOf));
  if (figures.length === 0) {
    const nothing = document.createElement('p');
    nothing.className = 'nothing';
    nothing.textContent = 'Nothing of what is chosen above was measured here.';
    place.append(nothing);
    return;
  }
  // Once they are in the page, their width is known.
  figures.forEach(({ options, caption }, index) => {
    const frame = place.children[index];
    if (!(frame instanceof HTMLElement)) return;
    const width = Math.max(240, frame.clientWidth - FRAME_PADDING);
    const drawn = plot({
      ...options(width),
      width,
      ariaLabel: caption,
      style: { background: 'transparent', color: 'inherit', fontSize: '12px', fontFamily: 'inherit' },
    });
    frame.append(drawn);
  });
}

function frameOf({ caption, wide }: PlotFigure): HTMLElement {
  const frame = document.createElement('figure');
  if (wide === true) frame.className = 'wide';
  const text = document.createElement('figcaption');
  text.textContent = caption;
  frame.append(text);
  return frame;
}
