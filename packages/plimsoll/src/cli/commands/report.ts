/** `plimsoll report [run]` and `plimsoll analyse [run]`: everything again from what is stored. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from '../../input/config.ts';
import { exitCodes, UsageError, type ExitCode } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import {
  isReportFormat,
  renderReport,
  reportFileNames,
  reportFormats,
  type ReportFormat,
} from '../../report/formats.ts';
import { wantsColour, wantsUnicode } from '../../report/terminal-style.ts';
import { readRun } from '../../store/read-run.ts';
import { standardError, standardOutput } from '../output.ts';

export interface ReportOptions {
  readonly format?: readonly string[];
  readonly output?: string;
  readonly config?: string;
  readonly color: boolean;
}

/** One format goes to standard output, or to the file that `--output` names; several go into its folder. */
export async function report(wanted: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const formats = (options.format ?? ['terminal']).map(knownFormat);
  const { config, root } = await loadConfig(process.cwd(), options.config);
  const { result, path, notes } = await readRun(resolve(root, config.store ?? '.plimsoll'), wanted);
  const [out, err] = [standardOutput(), standardError()];
  for (const note of notes) err.write(`plimsoll: ${note}\n`);
  const { output, color } = options;
  const isShown = output === undefined && formats.length === 1;
  const terminal = {
    columns: isShown ? out.columns : 100,
    colour: isShown && wantsColour(out.isTerminal, process.env, color ? undefined : false),
    unicode: wantsUnicode(process.env),
    reportPath: path,
  };
  const texts = formats.map((format) => [format, renderReport(format, result, terminal)] as const);
  const [only] = texts;
  if (isShown && only) {
    out.write(only[1]);
    return exitCodes.passed;
  }
  for (const [format, text] of texts) {
    const file = formats.length === 1 && output !== undefined ? output : join(output ?? path, reportFileNames[format]);
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, text);
    err.write(`wrote ${file}\n`);
  }
  return exitCodes.passed;
}

function knownFormat(format: string): ReportFormat {
  if (isReportFormat(format)) return format;
  const meant = nearest(format, reportFormats);
  throw new UsageError(`--format: there is no format '${format}'`, {
    hint: meant ? `did you mean '${meant}'?` : `there are ${reportFormats.join(', ')}`,
  });
}
