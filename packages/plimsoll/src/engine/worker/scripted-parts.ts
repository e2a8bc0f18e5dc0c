/** What tests with functions of their own may need, and `quick` never does: loaded apart, for starting is a budget. */
export { FanOutRun } from './fan-out/fan-out-run.ts';
export { VuSockets } from './sockets/vu-sockets.ts';
