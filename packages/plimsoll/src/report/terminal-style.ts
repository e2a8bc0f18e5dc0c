/** How a terminal is written to: its width, its colours, its characters. */
import { styleText } from 'node:util';
import { oneLine } from './text-fit.ts';

export interface TerminalOptions {
  readonly columns: number;
  readonly colour: boolean;
  /** false: ASCII alone. Default true. */
  readonly unicode?: boolean;
}

type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold';
type Paint = (text: string) => string;

export interface TerminalStyle extends Readonly<Record<Tone, Paint>> {
  readonly columns: number;
  readonly symbols: Symbols;
  /** A name or message from elsewhere, made fit for one line of this terminal. */
  readonly clean: (text: string) => string;
}

export interface Symbols {
  readonly tick: string;
  readonly cross: string;
  readonly warning: string;
  readonly none: string;
  readonly within: string;
  readonly dot: string;
  readonly times: string;
  readonly ellipsis: string;
  readonly barFull: string;
  readonly barEmpty: string;
}

const unicodeSymbols: Symbols = {
  tick: '✓',
  cross: '✗',
  warning: '!',
  none: '–',
  within: ' › ',
  dot: ' · ',
  times: '×',
  ellipsis: '…',
  barFull: '━',
  barEmpty: '─',
};

const asciiSymbols: Symbols = {
  tick: '+',
  cross: 'x',
  warning: '!',
  none: '-',
  within: ' > ',
  dot: ', ',
  times: 'x',
  ellipsis: '...',
  barFull: '#',
  barEmpty: '.',
};

type Format = Parameters<typeof styleText>[0];
const formats: Readonly<Record<Tone, Format>> = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', bold: 'bold' };

export function terminalStyle(options: TerminalOptions): TerminalStyle {
  const unicode = options.unicode ?? true;
  // Whether there is colour was decided already; styleText must not ask the environment again.
  const paint = (tone: Tone): Paint =>
    options.colour
      ? (text) => (text === '' ? '' : styleText(formats[tone], text, { validateStream: false }))
      : (text) => text;
  return {
    columns: Math.max(20, Math.floor(options.columns)),
    symbols: unicode ? unicodeSymbols : asciiSymbols,
    clean: unicode ? oneLine : (text) => oneLine(text).replace(/[^\x20-\x7e]/gu, '?'),
    good: paint('good'),
    bad: paint('bad'),
    warn: paint('warn'),
    dim: paint('dim'),
    bold: paint('bold'),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colour or not: `--no-color` wins, then NO_COLOR (any text that is not empty), then FORCE_COLOR, then whether the stream
 * is a terminal that has colours.
 */
export function wantsColour(isTerminal: boolean, env: Environment, flag?: boolean): boolean {
  if (flag !== undefined) return flag;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Whether characters beyond ASCII arrive as they were sent: by the locale, where the platform has one. */
export function wantsUnicode(env: Environment, platform: string = process.platform): boolean {
  if (platform === 'win32') return (env['WT_SESSION'] ?? env['TERM_PROGRAM'] ?? env['CI']) !== undefined;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  // No locale at all is what containers and CI have: their logs are UTF-8. 'C' and 'POSIX' were asked for.
  return locale === undefined || /utf-?8/i.test(locale);
}
