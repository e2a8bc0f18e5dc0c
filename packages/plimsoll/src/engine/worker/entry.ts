/** Where a worker thread starts. */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../kernel/clock.ts';
import type { HostMessage } from '../channel.ts';
import { describeError } from './describe-error.ts';
import { WorkerProgram } from './worker-program.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the start of a plimsoll worker and runs in a worker thread only');

// Node's ten frames can all be the tool's own: of a header that cannot be sent, the user's line is the twelfth or so.
Error.stackTraceLimit = 30;
const program = new WorkerProgram(
  {
    send: (message) => {
      port.postMessage(message);
    },
  },
  systemClock,
);
port.on('message', (message: HostMessage) => {
  program.handle(message).catch((error: unknown) => {
    port.postMessage({ type: 'failed', during: 'run', error: describeError(error) });
  });
});
process.on('uncaughtException', (error) => {
  program.uncaught(error);
});
process.on('unhandledRejection', (error) => {
  program.uncaught(error);
});
