/** Which target a run is aimed at. */
import { UsageError } from '../kernel/errors.ts';
import { withoutSecrets } from '../kernel/shown-url.ts';
import type { Config } from '../model/config.ts';
import { nearest } from '../kernel/nearest.ts';

export interface Target {
  /** Base URL without a slash at the end; '' where every URL in the tests is absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * `--target` is a name from the configuration or a URL. Without it: the default target, the only target, or where the
 * configuration's own service listens.
 *
 * @throws UsageError for a name that the configuration lacks
 */
export function pickTarget({ targets = {}, defaultTarget, serve }: Config, wanted: string | undefined): Target {
  const names = Object.keys(targets);
  const name = wanted ?? defaultTarget ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    if (names.length > 1) {
      throw new UsageError(`there are ${names.length} targets: ${names.join(', ')}`, {
        hint: 'choose one with --target, or set defaultTarget in the configuration',
      });
    }
    return { url: serve ? originOf(serve.url) : '', headers: {} };
  }
  const target = targets[name];
  if (target !== undefined) {
    const { url, headers = {} } = typeof target === 'string' ? { url: target } : target;
    return { url: withoutSlash(url), headers };
  }
  if (/^(https?:\/\/|unix:)/i.test(name)) return { url: withoutSlash(name), headers: {} };
  const meant = nearest(name, names);
  throw new UsageError(`there is no target '${withoutSecrets(name)}'`, {
    hint: meant
      ? `did you mean '${meant}'?`
      : `write a URL such as http://localhost:3000, or add it to targets in plimsoll.config.ts`,
  });
}

function originOf(url: string): string {
  return URL.canParse(url) && url.startsWith('http') ? new URL(url).origin : url.replace(/^(unix:[^:]+):.*$/, '$1');
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
