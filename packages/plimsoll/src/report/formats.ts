/** The formats a stored run can be shown in, by the names that `plimsoll report --format` and `reporters` take. */
import type { RunResult } from '../model/result.ts';
import { renderCsv } from './csv.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderRun, type RenderOptions } from './terminal.ts';

export const reportFormats = ['terminal', 'json', 'junit', 'markdown', 'csv'] as const;

export type ReportFormat = (typeof reportFormats)[number];

/** What the file in the run folder is called. */
export const reportFileNames: Readonly<Record<ReportFormat, string>> = {
  terminal: 'report.txt',
  json: 'result.json',
  junit: 'junit.xml',
  markdown: 'summary.md',
  csv: 'series.csv',
};

export function isReportFormat(name: string): name is ReportFormat {
  return (reportFormats as readonly string[]).includes(name);
}

/**
 * @param terminal for the format 'terminal' alone; by default 80 columns without colour
 */
export function renderReport(
  format: ReportFormat,
  result: RunResult,
  terminal: RenderOptions = { columns: 80, colour: false },
): string {
  switch (format) {
    case 'terminal':
      return renderRun(result, terminal);
    case 'json':
      return renderJson(result);
    case 'junit':
      return renderJunit(result);
    case 'markdown':
      return renderMarkdown(result);
    case 'csv':
      return renderCsv(result);
  }
}

/** File name → content, for the reports written beside result.json, which the store writes itself. */
export function reportFiles(result: RunResult, formats: readonly ReportFormat[]): Record<string, string> {
  const written = formats.filter((format) => format !== 'json');
  return Object.fromEntries(written.map((format) => [reportFileNames[format], renderReport(format, result)]));
}
