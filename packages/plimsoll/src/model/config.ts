/** What a user writes into `plimsoll.config.ts`. Checked by `model/schema/config-schema.ts`. */
import type { Duration, Rate } from './load-model.ts';
import type { HttpDefaults, ThresholdInput } from './suite.ts';

export interface TargetConfig {
  /** Base URL: 'http://localhost:3000/api'. */
  readonly url: string;
  /** Sent with every request to this target, beneath a test's own headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ServeConfig {
  /** Run by a shell: 'npm start'. */
  readonly command: string;
  /** Ready as soon as this URL answers with a status below 404. */
  readonly url: string;
  /** How long it may take to get ready. Default 60 s. */
  readonly timeout?: Duration;
  /** From the configuration's folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes a service that answers already instead of starting one. Default: not in CI. */
  readonly reuseExisting?: boolean;
}

export interface LimitsConfig {
  /** No test may ask for more arrivals a second than this. */
  readonly maxRate?: Rate;
  /** No test may ask for more VUs than this. */
  readonly maxVus?: number;
}

/** 'terminal': report.txt; 'junit': junit.xml; 'markdown': summary.md; 'csv': series.csv. */
export type ReporterName = 'terminal' | 'junit' | 'markdown' | 'csv';

export interface Config {
  /** Name → base URL; `--target NAME` picks one. */
  readonly targets?: Readonly<Record<string, string | TargetConfig>>;
  /** Used without `--target`; needless when there is one target. */
  readonly defaultTarget?: string;
  /** Hosts allowed beside loop-back: 'host', 'host:port' or '*.domain'. */
  readonly allow?: readonly string[];
  /** The service under test, started before and stopped after the run. */
  readonly serve?: ServeConfig;
  /** Name → filters as `plimsoll run` takes them; `--suite NAME` picks one. */
  readonly suites?: Readonly<Record<string, readonly string[]>>;
  /** For every test, beside its own. */
  readonly thresholds?: readonly ThresholdInput[];
  /** Files written beside result.json at the end of a run. Default: junit and markdown. */
  readonly reporters?: readonly ReporterName[];
  /** Folder of the stored runs. Default '.plimsoll'. */
  readonly store?: string;
  readonly limits?: LimitsConfig;
  /** For every test, beneath its own. */
  readonly http?: HttpDefaults;
}

/** Gives the editor the types of the configuration: `export default defineConfig({ … })`. */
export function defineConfig(config: Config): Config {
  return config;
}
