/** Starts the planted rooms in a process of their own, which takes no time of the tool's and has none of it taken. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { PlantedFaults } from './planted-deliveries.ts';

export interface PlantedRoomsProcess {
  readonly url: string;
  /** By room: of each delivery, how long after the message was due it was sent, by the server's own reading. */
  sentAfterMs(): Promise<readonly (readonly number[])[]>;
}

export async function startPlantedRooms(faults: PlantedFaults): Promise<PlantedRoomsProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rooms-'));
  const outfile = join(folder, 'rooms.cjs');
  const entry = fileURLToPath(new URL('planted-rooms-program.ts', import.meta.url));
  // `ws` looks for two add-ons that it can do without.
  const external = ['bufferutil', 'utf-8-validate'];
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external,
  });
  const child = fork(outfile, [JSON.stringify(faults)], { execArgv: [] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    sentAfterMs: async () => {
      child.send('stamps');
      const [stamps] = (await once(child, 'message')) as [number[][]];
      return stamps;
    },
  };
}
