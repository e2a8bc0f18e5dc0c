/** One instance: `reference-api --profile optimised`. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import { stopper } from './http/shutdown.ts';
import { isLoopback, usersWithKnownPassword } from './known-password.ts';
import { BadSetting, readSettings, usage, type ReadSettings } from './read-settings.ts';
import { startParts, type StartedParts } from './start-parts.ts';

const exitCodes = { cannotStart: 1, badSetting: 2, notClosedInTime: 3 } as const;
/** For the end of the process itself. */
const reserveMs = 300;

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings === undefined) process.stdout.write(usage);
  else await serve(settings);
} catch (error) {
  process.stderr.write(`reference-api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof BadSetting ? exitCodes.badSetting : exitCodes.cannotStart);
}

async function serve(settings: ReadSettings): Promise<void> {
  // Before anything is opened: a second start by mistake must not change the indexes of the first.
  await tryPort(settings);
  const parts = await startParts(settings);
  const { log } = parts;
  let isStopping = (): boolean => false;
  const app = await buildApp({ ...parts, isStopping: () => isStopping() });
  const stopping = stopper(app, {
    timeoutMs: settings.shutdownTimeoutMs - 1000,
    onStop: () => app.sockets.stop(),
  });
  ({ isStopping } = stopping);
  if (settings.secretIsGenerated) log.warn({}, 'AUTH_SECRET is not set: tokens end with this process');
  const address = await app.listen({ host: settings.host, port: settings.port }).catch((error: unknown) => {
    throw new Error(reasonNotListening(settings, error), { cause: error });
  });
  log.info({ address, profile: settings.profile, switches: settings.switches }, 'listening');
  void warnOfKnownPassword(settings, parts, app.addresses());

  let asked = false;
  const stop = (signal: NodeJS.Signals): void => {
    // Asked twice, it ends at once.
    if (asked) process.exit(130);
    asked = true;
    log.info({ signal }, 'stopping: what is in flight is answered first');
    // Whatever hangs, a database that takes no leave for instance, the end comes in time.
    setTimeout(() => {
      log.error({}, 'not everything could be closed in time');
      process.exit(exitCodes.notClosedInTime);
    }, settings.shutdownTimeoutMs - reserveMs);
    void (async () => {
      await stopping.stop();
      await parts.close();
      log.info({}, 'stopped');
      process.exit(0);
    })();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Embedded and reached by others, it is as open as its passwords are known. */
async function warnOfKnownPassword(
  { databaseUrl }: ReadSettings,
  { stores, log }: StartedParts,
  listening: readonly (AddressInfo | string)[],
): Promise<void> {
  const addresses = listening.map((each) => (typeof each === 'string' ? each : each.address));
  const reached = addresses.filter((address) => !isLoopback(address));
  if (databaseUrl !== undefined || reached.length === 0) return;
  // It only warns: a database that cannot be asked says so elsewhere.
  const users = await usersWithKnownPassword(stores.users).catch(() => []);
  if (users.length === 0) return;
  log.warn(
    { users, addresses: reached },
    "whoever reaches this address can sign in with the password 'plimsoll', which everybody knows: listen on 127.0.0.1, or seed another database with a SEED_PASSWORD of your own",
  );
}

async function tryPort(settings: ReadSettings): Promise<void> {
  const { host, port } = settings;
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw new Error(reasonNotListening(settings, error), { cause: error });
  }
  server.close();
  await once(server, 'close');
}

function reasonNotListening({ host, port }: ReadSettings, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${host} is in use — stop what listens there, or choose another by --port`;
  if (code === 'EACCES') return `port ${port} needs more rights — choose one above 1023 by --port`;
  return `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}
