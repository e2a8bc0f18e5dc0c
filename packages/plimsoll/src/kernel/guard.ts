/** Which hosts may be loaded: loop-back, and what the configuration allows. Decided on names, before any look-up. */
import { isIP } from 'node:net';
import { TargetNotAllowedError } from './errors.ts';

/** Whether the host is this machine. Names below `localhost` count: they are never looked up elsewhere (RFC 6761). */
export function isLoopback(host: string): boolean {
  const name = normalHost(host);
  switch (isIP(name)) {
    case 4:
      return name.startsWith('127.') || name === '0.0.0.0';
    case 6:
      return name === '::1' || name === '::' || /^::ffff:(127\.|7f[0-9a-f]{2}:)/.test(name);
    default:
      return name === 'localhost' || name.endsWith('.localhost');
  }
}

/**
 * Whether the list allows the host.
 *
 * @param host without brackets
 * @param allow entries 'host', 'host:port', '[v6]:port', or '*.domain', which means every name below the domain
 */
export function isAllowed(host: string, port: number, allow: readonly string[]): boolean {
  const name = normalHost(host);
  return allow.some((entry) => {
    const wanted = splitEntry(entry);
    if (wanted.port !== undefined && wanted.port !== port) return false;
    if (wanted.host.startsWith('*.')) return wanted.host.length > 2 && name.endsWith(wanted.host.slice(1));
    return wanted.host === name;
  });
}

/** Throws TargetNotAllowedError with the line to add, unless the host is loop-back or allowed. */
export function assertAllowed(host: string, port: number, allow: readonly string[]): void {
  if (isLoopback(host) || isAllowed(host, port, allow)) return;
  const name = normalHost(host);
  throw new TargetNotAllowedError(`${name} is neither this machine nor on the list of allowed targets`, {
    hint: `if you may load it, add allow: ['${name}'] to plimsoll.config.ts, or pass --allow ${name}`,
  });
}

/** 'Host.' → 'host'; '[::1]' → '::1' */
function normalHost(host: string): string {
  const lower = host.toLowerCase();
  if (lower.startsWith('[') && lower.endsWith(']')) return lower.slice(1, -1);
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

function splitEntry(entry: string): { host: string; port: number | undefined } {
  const text = entry.trim();
  if (isIP(text) === 6) return { host: normalHost(text), port: undefined };
  const match = /^(.*):(\d+)$/.exec(text);
  return match ? { host: normalHost(match[1]!), port: Number(match[2]) } : { host: normalHost(text), port: undefined };
}
