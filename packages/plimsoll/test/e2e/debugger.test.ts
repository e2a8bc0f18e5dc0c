/** A run under a debugger, as the page on debugging says: `--inspect-brk`, attach, go on, stop in the test, go on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Project, startTarget, type TestTarget } from '../support/cli.ts';

const plimsollBin = fileURLToPath(new URL('../../bin/plimsoll.js', import.meta.url));

let target: TestTarget;
const project = new Project({
  'a.load.ts': `import { loadTest, perVuIterations } from 'plimsoll';
    loadTest('stops', { load: perVuIterations({ vus: 1, iterations: 1 }) }, async ({ http }) => {
      const asked = { item: 7 };
      debugger;
      await http.get('/item/{id}', { path: { id: asked.item } });
    });`,
});

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());
afterEach(() => project.remove());

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

/** The side of the debugger: what it asks of a thread, and what the thread says of itself. */
class Inspected {
  readonly #send: (text: string) => void;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #listeners = new Map<string, (params: Readonly<Record<string, unknown>>) => void>();
  #last = 0;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    this.#send(JSON.stringify({ id, method, params }));
    return new Promise((answered) => this.#answers.set(id, answered));
  }

  /** Lets it go on where it stands at its first line, as with `--inspect-brk`; resolves where it stops elsewhere. */
  stopped(): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((stopped) => {
      this.on('Debugger.paused', (params) => {
        if (params['reason'] === 'Break on start') void this.ask('Debugger.resume');
        else stopped(params);
      });
    });
  }

  on(method: string, listener: (params: Readonly<Record<string, unknown>>) => void): void {
    this.#listeners.set(method, listener);
  }

  receive(text: string): void {
    const { id, method, params = {}, result } = JSON.parse(text) as Message;
    if (id !== undefined) this.#answers.get(id)?.(result);
    if (method !== undefined) this.#listeners.get(method)?.(params);
  }
}

test('it stops at a debugger statement of the test, and the run ends well', async () => {
  const words = ['--inspect-brk=127.0.0.1:0', plimsollBin, 'run', '--target', target.url];
  const child = spawn(process.execPath, words, { cwd: project.root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'close');
  try {
    await expect.poll(() => said, { timeout: 10_000, interval: 20 }).toMatch(/ws:\/\/\S+/);
    const socket = new WebSocket(/ws:\/\/\S+/.exec(said)![0]);
    await once(socket, 'open');
    const host = new Inspected((text) => socket.send(text));
    socket.on('message', (data: Buffer) => host.receive(data.toString()));

    const worker = new Promise<Inspected>((attached) => {
      host.on('NodeWorker.attachedToWorker', ({ sessionId }) => {
        const thread = new Inspected(
          (message) => void host.ask('NodeWorker.sendMessageToWorker', { sessionId, message }),
        );
        host.on('NodeWorker.receivedMessageFromWorker', ({ message }) => thread.receive(String(message)));
        attached(thread);
      });
    });
    await host.ask('NodeWorker.enable', { waitForDebuggerOnStart: true });
    await host.ask('Debugger.enable');
    void host.stopped();
    await host.ask('Runtime.runIfWaitingForDebugger');

    const thread = await worker;
    await thread.ask('Debugger.enable');
    const stopped = thread.stopped();
    await thread.ask('Runtime.runIfWaitingForDebugger');
    const [frame] = (await stopped)['callFrames'] as { callFrameId: string }[];
    expect(target.requests).toEqual([]);
    const { callFrameId } = frame!;
    const item = await thread.ask('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'asked.item' });
    expect(item).toMatchObject({ result: { value: 7 } });
    await thread.ask('Debugger.resume');

    // Node stays for the debugger until that has left.
    await expect.poll(() => said, { timeout: 10_000, interval: 20 }).toContain('PASSED');
    socket.close();
    expect(await ended).toEqual([0, null]);
    expect(target.requests).toEqual(['GET /item/7']);
  } finally {
    child.kill('SIGKILL');
  }
});
