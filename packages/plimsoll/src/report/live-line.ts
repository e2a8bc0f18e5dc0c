/** The one line that a terminal shows while a test runs. */
import { formatCount, formatDuration, formatLatency } from '../kernel/units.ts';
import { counted, perSecond } from './figures.ts';
import type { Progress } from './progress.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { cellsOf, padEnd, padStart, shorten } from './text-fit.ts';

interface Part {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** The lowest is left out first where the line is too long. */
  readonly weight: number;
}

const gap = '  ';
const leastTitleCells = 12;
const barCells = 10;

/** At most `columns − 1` wide: some terminals wrap a line that is full. */
export function liveLine(progress: Progress, style: TerminalStyle): string {
  const room = style.columns - 1;
  const title = style.clean(progress.name);
  const titleCells = Math.min(cellsOf(title), leastTitleCells);
  const parts = fitting(partsOf(progress, style), room - titleCells - gap.length);
  const left = room - parts.reduce((sum, part) => sum + gap.length + cellsOf(part.text), 0);
  const shown = shorten(title, Math.max(titleCells, left), style.symbols.ellipsis);
  return [style.bold(shown), ...parts.map(({ text, paint }) => (paint ? paint(text) : text))].join(gap);
}

/** The same figures for a pipe: a line of its own, without colour and of any length. */
export function plainLine(progress: Progress, style: TerminalStyle): string {
  const elapsed = formatDuration(Math.round(progress.elapsedSeconds) * 1000);
  const texts = [elapsed, percent(progress.fraction), ...figures(progress, style).map((part) => part.text.trim())];
  return gap + texts.join(gap);
}

function partsOf(progress: Progress, style: TerminalStyle): Part[] {
  const full = Math.floor(progress.fraction * barCells);
  const { barFull, barEmpty } = style.symbols;
  return [
    { text: barFull.repeat(full) + barEmpty.repeat(barCells - full), paint: style.dim, weight: 1 },
    { text: padStart(percent(progress.fraction), 4), weight: 8 },
    ...figures(progress, style),
  ];
}

/** Padded to the width that most values have, so that the line stands still. */
function figures(progress: Progress, style: TerminalStyle): Part[] {
  const { failed, limited, exceptions, generator, phase, subscribers } = progress;
  const rate = perSecond(progress.rate);
  return [
    { text: whoIsThere(progress), weight: 4 },
    { text: subscribers === undefined ? padStart(`${rate}/s`, 7) : `${padStart(rate, 5)} deliveries/s`, weight: 7 },
    { text: padEnd(latencyNow(progress, style.symbols.none), 11), weight: 6 },
    { text: counted(failed, 'error'), weight: failed > 0 ? 9 : 3, ...(failed > 0 ? { paint: style.bad } : {}) },
    ...(exceptions > 0 ? [{ text: counted(exceptions, 'exception'), weight: 9, paint: style.bad }] : []),
    ...(limited > 0 ? [{ text: `${formatCount(limited)} limited`, weight: 5, paint: style.warn }] : []),
    ...(phase === 'load' ? [] : [{ text: phase, weight: 5, paint: style.dim }]),
    generator === 'ok'
      ? { text: 'generator ok', weight: 2, paint: style.dim }
      : { text: `generator ${generator}`, weight: 10, paint: style.warn },
  ];
}

function whoIsThere({ activeVus, vus, subscribers }: Progress): string {
  const [here, all] = subscribers === undefined ? [activeVus, vus] : [subscribers.joined, subscribers.all];
  const text = padStart(`${formatCount(here)}/${formatCount(all)}`, 2 * formatCount(all).length + 1);
  if (subscribers !== undefined) return `${text} joined`;
  return `${text} ${all === 1 ? 'VU' : 'VUs'}`;
}

function latencyNow({ p95, max }: Progress, none: string): string {
  if (p95 !== null) return `p95 ${formatLatency(p95)}`;
  return max === null ? `p95 ${none}` : `max ${formatLatency(max)}`;
}

function percent(fraction: number): string {
  return `${Math.floor(Math.max(0, Math.min(1, fraction)) * 100)}%`;
}

function fitting(parts: readonly Part[], room: number): readonly Part[] {
  const needed = parts.reduce((sum, part) => sum + gap.length + cellsOf(part.text), -gap.length);
  if (needed <= room || parts.length === 1) return parts;
  const least = Math.min(...parts.map((part) => part.weight));
  return fitting(
    parts.filter((part) => part.weight > least),
    room,
  );
}
