/**
 * undici's fastest way: `dispatch` with a bare handler. Arguments: origin, path, connections, seconds.
 * Prints how many answers were complete, and how many failed.
 */
import { Pool, type Dispatcher } from 'undici';

const [origin = '', path = '', connections = '50', seconds = '10'] = process.argv.slice(2);
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const untilMs = performance.now() + Number(seconds) * 1000;
let [completed, failed, open] = [0, 0, 0];

class Exchange implements Dispatcher.DispatchHandler {
  #status = 0;

  onRequestStart(): void {
    open++;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseEnd(): void {
    if (this.#status === 200) completed++;
    else failed++;
    next();
  }

  onResponseError(): void {
    failed++;
    next();
  }
}

function next(): void {
  open--;
  if (performance.now() < untilMs) send();
  else if (open === 0) finish();
}

function send(): void {
  pool.dispatch({ path, method: 'GET' }, new Exchange());
}

function finish(): void {
  process.stdout.write(`${JSON.stringify({ completed, failed })}\n`);
  void pool.close();
}

for (let connection = 0; connection < Number(connections); connection++) send();
