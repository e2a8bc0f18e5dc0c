/** What the server holds up, and for how long, is what the phases of opening a socket say. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SocketsResult } from '../../src/model/result.ts';
import { authority, certificate } from '../support/certificates.ts';
import { quantile } from '../support/order-statistics.ts';
import { plantedSockets, type Visitor } from '../support/planted-sockets.ts';
import { runTestFile } from '../support/run-cli.ts';
import { testClaim } from './quiet-machine.ts';

const delaysMs = { tls: 40, upgrade: 25, namespace: 60 };
const held = ['tls', 'upgrade', 'namespace'] as const;
const attempts = 20;
/** Of the tool, the server and the system together; both sides of TLS have signatures to make and to check. */
const toleranceMs = { tls: 6, upgrade: 3, namespace: 3 };
const engineOpen = `0${JSON.stringify({ sid: 'a', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 })}`;

type Held = Record<(typeof held)[number], number[]>;

async function welcome(visitor: Visitor, heldMs: Held): Promise<void> {
  const askedMs = performance.now();
  await pause(delaysMs.upgrade);
  visitor.onText = (text) => {
    if (!text.startsWith('40')) return;
    const connectMs = performance.now();
    setTimeout(() => {
      heldMs.namespace.push(performance.now() - connectMs);
      visitor.send('40{"sid":"b"}');
    }, delaysMs.namespace);
  };
  heldMs.upgrade.push(performance.now() - askedMs);
  visitor.accept();
  visitor.send(engineOpen);
}

/** What the tool says, and what the server says by its own clock. */
async function measure(): Promise<{ readonly sockets: SocketsResult; readonly heldMs: Held }> {
  const heldMs: Held = { tls: [], upgrade: [], namespace: [] };
  const server = await plantedSockets((visitor) => void welcome(visitor, heldMs), {
    tls: certificate('server'),
    tlsDelayMs: delaysMs.tls,
    tlsHeldMs: (ms) => heldMs.tls.push(ms),
  });
  const load = `sharedIterations({ vus: 1, iterations: ${attempts} })`;
  const http = `{ tls: { ca: ${JSON.stringify(authority)} } }`;
  const { code, test: measured } = await runTestFile(
    `loadTest('phases', { load: ${load}, connections: 'lazy', http: ${http} }, async ({ io }) => {
      const socket = (await io.connect()).orThrow();
      socket.terminate('fin');
    });`,
    ['--target', `https://localhost:${server.port}`],
  );
  expect({ code, failures: measured.failures }).toEqual({ code: 0, failures: [] });
  expect(server.visitors).toHaveLength(attempts);
  // The run's first connection only asks whether the server is there.
  heldMs.tls.shift();
  return { sockets: measured.sockets!, heldMs };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

testClaim('TLS, the upgrade and the namespace take as long as the server takes', {
  measure,
  onAnyMachine: ({ sockets, heldMs }) => {
    const { phases, connect } = sockets;
    expect(sockets).toMatchObject({ attempts, opened: attempts, refused: 0, refusedStatus: {} });
    expect(sockets.refusedIn).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: 0, namespace: 0 });
    // A name is looked up once, and known from then on.
    const counts = Object.entries(phases).map(([phase, { count }]) => [phase, count]);
    expect(Object.fromEntries(counts)).toEqual({ dns: 1, tcp: 20, tls: 20, upgrade: 20, namespace: 20 });
    // The server may see the connection before the client does: what the one holds as TLS the other may hold as TCP.
    expect(phases.tcp.mean! + phases.tls.mean!).toBeGreaterThanOrEqual(meanOf(heldMs.tls) - 1);
    expect(phases.upgrade.mean!).toBeGreaterThanOrEqual(meanOf(heldMs.upgrade));
    expect(phases.namespace.mean!).toBeGreaterThanOrEqual(meanOf(heldMs.namespace));
    // One after another, without a gap but the first look at the name, and none twice.
    const wholeMs = Object.values(phases).reduce((sum, { count, mean }) => sum + count * (mean ?? 0), 0);
    expect(connect.count * connect.mean!).toBeGreaterThanOrEqual(wholeMs - 0.01);
  },
  whenQuiet: ({ sockets: { phases, connect }, heldMs }) => {
    const median = (values: readonly number[]): number => quantile(Float64Array.from(values), 0.5);
    for (const phase of held) {
      expect(Math.abs(phases[phase].p50! - median(heldMs[phase])), phase).toBeLessThanOrEqual(toleranceMs[phase]);
    }
    expect(phases.tcp.p50).toBeLessThanOrEqual(5);
    const sum = phases.tcp.p50! + phases.tls.p50! + phases.upgrade.p50! + phases.namespace.p50!;
    expect(Math.abs(connect.p50! - sum)).toBeLessThanOrEqual(2);
  },
});
