/**
 * The same work as `load/scripted-post.ts`, with undici's `request`. Arguments: origin, path, connections, seconds.
 * Prints how many answers were complete and accepted, and how many failed.
 */
import { Pool } from 'undici';
import { orderNumber, type Receipt } from '../load/order.ts';

const [origin = '', path = '', connections = '50', seconds = '10'] = process.argv.slice(2);
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const headers = { 'content-type': 'application/json' };
const untilMs = performance.now() + Number(seconds) * 1000;
let [number, completed, failed] = [0, 0, 0];

async function loop(): Promise<void> {
  while (performance.now() < untilMs) {
    try {
      const body = JSON.stringify(orderNumber(number++));
      const answer = await pool.request({ path, method: 'POST', headers, body });
      const receipt = (await answer.body.json()) as Receipt;
      if (answer.statusCode === 200 && receipt.accepted) completed++;
      else failed++;
    } catch {
      failed++;
    }
  }
}

await Promise.all(Array.from({ length: Number(connections) }, loop));
process.stdout.write(`${JSON.stringify({ completed, failed })}\n`);
await pool.close();
