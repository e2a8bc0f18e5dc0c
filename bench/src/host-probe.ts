/**
 * How fast the machine is at this moment: what an echo of 100 bytes over loop-back takes this process, while another one
 * is as busy with the other end. Two processes, because guests of one host share the halves of its cores.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { busyShare } from './machine.ts';
import { end } from './processes.ts';
import { startListening } from './listening-program.ts';

const connections = 20;
/**
 * A look takes the fastest of several turns: where the kernel puts the two processes makes a single one slower, too. What
 * is looked for lasts for seconds, and slows all of them.
 */
const turns = 8;
const turnMs = 120;
/** What the run before has left, thousands of connections to close for one, must not slow the echoes down. */
const idleShare = 0.05;
const mostIdleLooks = 100;
/** The code is compiled as it should be, and what connecting cost is over. */
const warmUpMs = 2000;
const text = 'x'.repeat(100);

export interface HostProbe {
  /** CPU time of this process for an echo, in µs, at its best. Takes over a second, or longer where the machine has something to end. Errors: the other end is gone. */
  readonly look: () => Promise<number>;
  readonly stop: () => void;
}

/** Errors: the other end does not start. */
export async function startHostProbe(): Promise<HostProbe> {
  const { child, port } = await startListening('echo-server');
  let [echoes, isOn] = [0, false];
  const sockets = await Promise.all(
    Array.from({ length: connections }, async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      await once(socket, 'connect');
      // That nothing is echoed is told by the look.
      socket.on('error', () => undefined);
      return socket.on('data', () => {
        echoes++;
        if (isOn) socket.write(text);
      });
    }),
  );
  const echoFor = async (ms: number): Promise<number> => {
    const [before, cpuBefore] = [echoes, process.cpuUsage()];
    isOn = true;
    for (const socket of sockets) socket.write(text);
    await pause(ms);
    isOn = false;
    if (echoes === before) throw new Error('nothing echoes any more: the other end of the look at the machine is gone');
    const { user, system } = process.cpuUsage(cpuBefore);
    const looked = (user + system) / (echoes - before);
    // What is still on its way must not meet the next look.
    await pause(10);
    return looked;
  };
  const untilIdle = async (): Promise<void> => {
    for (let looks = 0; looks < mostIdleLooks && (await busyShare(200)) > idleShare; looks++);
  };
  await echoFor(warmUpMs);
  return {
    look: async () => {
      await untilIdle();
      let fastest = Infinity;
      for (let turn = 0; turn < turns; turn++) fastest = Math.min(fastest, await echoFor(turnMs));
      return fastest;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      end(child);
    },
  };
}
