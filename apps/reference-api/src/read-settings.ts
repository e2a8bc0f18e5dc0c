/** Flags and environment → settings. A value that cannot be meant is said in one sentence, before anything is started. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { mostPasswordLength } from './domain/password.ts';
import { roles, type Role } from './domain/user.ts';
import { plainText } from './http/validation.ts';
import { profiles, switchNames, type Profile, type Settings, type Switches } from './settings.ts';

export class BadSetting extends Error {}

export interface ReadSettings extends Settings {
  /** Of the users that a database without any gets, by role; in production without those that were not given. */
  readonly seedPasswords: Readonly<Record<'given' | 'generated', Readonly<Partial<Record<Role, string>>>>>;
  readonly isProduction: boolean;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const flags = {
  help: { type: 'boolean' },
  profile: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  instance: { type: 'string' },
  'seed-sessions': { type: 'string' },
  'rate-limits': { type: 'string' },
  'dashboard-cache': { type: 'string' },
  indexes: { type: 'string' },
  'batched-lookup': { type: 'string' },
  'result-cache': { type: 'string' },
  'config-cache': { type: 'string' },
  rooms: { type: 'string' },
} as const;

export const usage = `reference-api [flags]

  --profile naive|optimised    all optimisations off or on (default: optimised), and each on its own:
  --dashboard-cache, --indexes, --batched-lookup, --result-cache, --config-cache, --rooms on|off
  --rate-limits on|off         per user and minute, and sockets per user (default: on)
  --host, --port               where to listen (default: 127.0.0.1:4870; port 0: any that is free)
  --instance NAME              in logs, metrics and the header x-instance
  --seed-sessions N            for an empty database (default: 20000; in production none)

Environment: PROFILE HOST PORT INSTANCE SEED_SESSIONS, DATABASE_URL DATABASE_REPLICA_URL DATABASE_FILE DATABASE_POOL_SIZE
DATABASE_STATEMENT_TIMEOUT_MS, REDIS_URL, OPTIMISER_STEP_MS, CRITERIA_FILE, AUTH_SECRET TOKEN_TTL_SECONDS, SEED_PASSWORD or SEED_PASSWORD_VIEWER
SEED_PASSWORD_OPERATOR SEED_PASSWORD_ADMIN, CORS_ORIGINS TRUSTED_PROXIES, LOG_LEVEL, NODE_ENV. Secrets are read from the environment alone.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns undefined when help was asked for. Errors: BadSetting. */
export function readSettings(args: readonly string[], environment: Environment): ReadSettings | undefined {
  const given = parseFlags(args);
  if (given.help === true) return undefined;
  const from = (flag: keyof typeof given, name: string): Source => ({
    value: (given[flag] as string | undefined) ?? nonEmpty(environment[name]),
    name: given[flag] === undefined ? name : `--${flag}`,
  });
  const of = (name: string): Source => ({ value: nonEmpty(environment[name]), name });
  const isProduction = environment['NODE_ENV'] === 'production';
  const profile = choice(from('profile', 'PROFILE'), Object.keys(profiles) as Profile[], 'optimised');
  const port = whole(from('port', 'PORT'), 4870, 0, 65_535);
  const replicaUrl = url(of('DATABASE_REPLICA_URL'), ['postgres:', 'postgresql:']);
  const databaseUrl = url(of('DATABASE_URL'), ['postgres:', 'postgresql:']);
  if (replicaUrl !== undefined && databaseUrl === undefined) {
    throw new BadSetting('DATABASE_REPLICA_URL is a replica of nothing: set DATABASE_URL, too');
  }
  return {
    host: from('host', 'HOST').value ?? '127.0.0.1',
    port,
    instance: readInstance(from('instance', 'INSTANCE')) ?? `${hostname()}:${port}`,
    profile,
    switches: readSwitches(given, profiles[profile]),
    databaseUrl,
    replicaUrl,
    databaseFile: of('DATABASE_FILE').value ?? '.reference-api/data.sqlite',
    poolSize: whole(of('DATABASE_POOL_SIZE'), 10, 10, 20),
    statementTimeoutMs: whole(of('DATABASE_STATEMENT_TIMEOUT_MS'), 5000, 100, 600_000),
    redisUrl: url(of('REDIS_URL'), ['redis:', 'rediss:']),
    criteriaFile: of('CRITERIA_FILE').value ?? '.reference-api/optimization-criteria.json',
    ...readSecret(of('AUTH_SECRET').value, isProduction),
    tokenTtlSeconds: whole(of('TOKEN_TTL_SECONDS'), 3600, 1, 30 * 86_400),
    trustedProxies: readProxies(of('TRUSTED_PROXIES').value),
    rateLimits: onOrOff({ value: given['rate-limits'], name: '--rate-limits' }, true),
    optimiserStepMs: whole(of('OPTIMISER_STEP_MS'), 500, 10, 3_600_000),
    // Nobody wants invented sessions among those of their users.
    seedSessions: whole(from('seed-sessions', 'SEED_SESSIONS'), isProduction ? 0 : 20_000, 0, 5_000_000),
    corsOrigins: readOrigins(of('CORS_ORIGINS').value),
    logLevel: choice(of('LOG_LEVEL'), ['debug', 'info', 'warn', 'error', 'silent'] as const, 'info'),
    shutdownTimeoutMs: 10_000,
    seedPasswords: readSeedPasswords(of, isProduction),
    isProduction,
  };
}

/** A value and what it is called where it was given. */
interface Source {
  readonly value: string | undefined;
  readonly name: string;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0]! : String(error);
    throw new BadSetting(`${message} — see --help`, { cause: error });
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readSwitches(given: ReturnType<typeof parseFlags>, preset: Switches): Switches {
  const flagOf = (name: keyof Switches): Source => {
    const flag = kebab(name) as keyof typeof given;
    return { value: given[flag] as string | undefined, name: `--${flag}` };
  };
  const entries = switchNames.map((name) => [name, onOrOff(flagOf(name), preset[name])] as const);
  return Object.fromEntries(entries) as unknown as Switches;
}

function onOrOff({ value, name }: Source, otherwise: boolean): boolean {
  return choice({ value, name }, ['on', 'off'] as const, otherwise ? 'on' : 'off') === 'on';
}

function choice<T extends string>({ value, name }: Source, allowed: readonly T[], otherwise: T): T {
  if (value === undefined) return otherwise;
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new BadSetting(`${name} is '${value}', and must be one of: ${allowed.join(', ')}`);
  return found;
}

function whole({ value, name }: Source, otherwise: number, least: number, most: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new BadSetting(`${name} is '${value}', and must be a whole number from ${least} to ${most}`);
  }
  return number;
}

function url({ value, name }: Source, protocols: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  const isComplete = parsed !== undefined && (parsed.host !== '' || parsed.searchParams.has('host'));
  if (!isComplete || !protocols.includes(parsed.protocol)) {
    // Not the value itself: it may hold a password.
    throw new BadSetting(`${name} is no address of the kind ${protocols[0]!}//user@host:port/…`);
  }
  return value;
}

/** It is sent in a header, and written into metrics. */
function readInstance({ value, name }: Source): string | undefined {
  if (value !== undefined && !/^[\w.:-]{1,100}$/.test(value)) {
    throw new BadSetting(`${name} must be 1 to 100 letters, digits, or any of . : _ -`);
  }
  return value;
}

function readSecret(secret: string | undefined, isProduction: boolean): Pick<Settings, 'secret' | 'secretIsGenerated'> {
  if (secret === undefined) {
    if (isProduction) throw new BadSetting('AUTH_SECRET is missing: set it to 32 or more random characters');
    return { secret: randomBytes(32).toString('base64'), secretIsGenerated: true };
  }
  if (secret.length < 32) throw new BadSetting('AUTH_SECRET is too short: it needs 32 characters or more');
  return { secret, secretIsGenerated: false };
}

/** One for all, or one for each: SEED_PASSWORD_ADMIN. */
function readSeedPasswords(of: (name: string) => Source, isProduction: boolean): ReadSettings['seedPasswords'] {
  const given: Partial<Record<Role, string>> = {};
  const generated: Partial<Record<Role, string>> = {};
  for (const role of roles) {
    const own = of(`SEED_PASSWORD_${role.toUpperCase()}`);
    const { value, name } = own.value === undefined ? of('SEED_PASSWORD') : own;
    if (value === undefined) {
      if (!isProduction) generated[role] = randomBytes(12).toString('base64url');
      continue;
    }
    if (isProduction && value.length < 12)
      throw new BadSetting(`${name} is too short for production: it needs 12 characters or more`);
    if (value.length > mostPasswordLength || !plainText.test(value))
      throw new BadSetting(
        `${name} could never sign in: a password has at most ${mostPasswordLength} characters, and no line break among them`,
      );
    given[role] = value;
  }
  return { given, generated };
}

function readOrigins(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  return text.split(',').map((item) => {
    const origin = item.trim();
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new BadSetting(`CORS_ORIGINS holds '${origin}', which is no origin such as https://app.example.com`);
    }
    return origin;
  });
}

const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];

function readProxies(text = 'loopback'): readonly string[] {
  return text.split(',').map((item) => {
    const proxy = item.trim();
    if (namedNetworks.includes(proxy) || isNetwork(proxy)) return proxy;
    throw new BadSetting(
      `TRUSTED_PROXIES holds '${proxy}', and each must be an address, a network such as 10.0.0.0/8, or one of: ${namedNetworks.join(', ')}`,
    );
  });
}

/** An address, alone or with the number of bits that matter: '10.0.0.0/8'. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  const most = family === 4 ? 32 : 128;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most);
}
