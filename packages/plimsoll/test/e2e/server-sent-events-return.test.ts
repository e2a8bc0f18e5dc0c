/** Event streams that come back by themselves: when, how often, and what the books say of the attempts. */
import { describe, expect, test } from 'vitest';
import { one, runStreams, seriesOf } from '../support/stream-run.ts';

describe('coming back', () => {
  test("waits as long as the server's retry says", async () => {
    const body = `const stream = await sse.connect('/resume/150', { reconnect: { delay: '1ms' } });
      await new Promise((resolve) => { stream.onClose(resolve); });`;
    const { counts } = await runStreams(body, { load: one });
    const waits = counts.arrivedMs.slice(1).map((at, index) => at - counts.arrivedMs[index]!);
    expect(waits.length).toBe(3);
    // The stamps are whole milliseconds, and a timer may fire one early.
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(148);
  });

  test('an attempt that this machine begins too late is counted as late', async () => {
    const body = `const stream = await sse.connect('/events/1', { reconnect: { delay: '50ms' } });
      await stream.next();
      stream.terminate('reset');
      await sleep('10ms');
      const until = performance.now() + 300;
      while (performance.now() < until);
      await stream.next();
      await stream.close();`;
    const { result, counts } = await runStreams(body, { load: one });
    expect(counts.requests).toBe(2);
    expect(result.lag.max).toBeGreaterThan(200);
  });

  test('an attempt that is refused ends it for good', async () => {
    const body = `const stream = await sse.connect('/gone/503', { reconnect: true });
      const end = await new Promise<{ code: number }>((resolve) => { stream.onClose(resolve); });
      if (end.code !== 1006 || stream.error?.kind !== 'status' || stream.header('retry-after') !== '7') throw new Error('not told');`;
    const { result, counts } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    expect(counts).toMatchObject({ requests: 40, streams: 20 });
    expect(seriesOf(result, 'SSE /gone/503')).toMatchObject({ expected: 20, failed: 20, errors: { status: 20 } });
    expect(result.sockets).toMatchObject({ opened: 20, refused: 20, closed: { 1000: 20 } });
  });

  test('what the test breaks off itself comes back, what it closes does not', async () => {
    const body = `const stream = await sse.connect('/events/1', { reconnect: { delay: '10ms' } });
      await stream.next();
      stream.terminate('reset');
      await stream.next();
      await stream.close();
      await sleep('50ms');`;
    const { result, counts } = await runStreams(body);
    expect(counts.requests).toBe(40);
    expect(counts.ids.filter((id) => id === '1').length).toBe(20);
    expect(result.sockets).toMatchObject({ opened: 40, open: 0, messagesIn: 40, unclaimed: 0 });
    expect(result.sockets!.closed).toEqual({ 1000: 20, 1006: 20 });
  });

  test('the end of the test meets streams that wait to come back', async () => {
    const body = `const stream = (streams[vu.id] ??= await sse.connect('/dies', { reconnect: { delay: '30s' } }));
      while (stream.isOpen) await sleep('5ms');`;
    const { result, counts } = await runStreams(body);
    expect(result.sockets).toMatchObject({ opened: 4, open: 0, refused: 0, closed: { 1006: 4 } });
    expect(counts.requests).toBe(4);
  });

  test('and attempts under way: they are unfinished', async () => {
    const body = `const stream = await sse.connect('/mute', { reconnect: { delay: '1ms' }, timeout: '30s' });
      while (stream.isOpen) await sleep('5ms');
      await sleep('300ms');`;
    const { result } = await runStreams(body, { load: 'sharedIterations({ vus: 4, iterations: 4 })' });
    expect(seriesOf(result, 'SSE /mute')).toMatchObject({ requests: 8, expected: 4, unfinished: 4 });
    // They have not been under way for long: nobody knows what would have become of them.
    expect(result.sockets).toMatchObject({ opened: 4, open: 0, refused: 0, unanswered: 0, closed: { 1000: 4 } });
  });

  test.each([
    // Waits of 1, 2, 4, … up to 256 ms: 511 ms for the first nine.
    ['that answers no more', '/hasty/1000000', "{ delay: '1ms', maxDelay: '1s' }", 2, 11],
    // 1 ms before each.
    ['that answers each time', '/hasty/0', "{ delay: '1ms' }", 10, 501],
  ])('a server %s and asks for no wait is not asked in a tight loop', async (_, path, reconnect, least, most) => {
    const body = `const stream = (await sse.connect('${path}', { reconnect: ${reconnect} })).orThrow();
      await sleep('500ms');
      await stream.close();`;
    const { result, counts } = await runStreams(body, { load: one });
    expect(result.exceptions).toEqual([]);
    expect(counts.requests).toBeGreaterThanOrEqual(least);
    expect(counts.requests).toBeLessThanOrEqual(most);
  });

  test('what the test closes while it comes back has not failed, and is no success: it is unfinished', async () => {
    const body = `const stream = await sse.connect('/mute', { reconnect: { delay: '1ms' }, timeout: '30s' });
      while (stream.isOpen) await sleep('5ms');
      await sleep('50ms');
      const end = await stream.close();
      if (end.code !== 1000 || !end.wasClean || stream.error !== undefined) throw new Error('not in order');`;
    const { result, counts } = await runStreams(body, { thresholds: "['success >= 50%', 'connect.success >= 100%']" });
    expect(result).toMatchObject({ failures: [], exceptions: [] });
    expect(counts.requests).toBe(40);
    const books = { requests: 40, expected: 20, failed: 0, unfinished: 20, status: { 200: 20 } };
    expect(seriesOf(result, 'SSE /mute')).toMatchObject(books);
    const sockets = { attempts: 40, opened: 20, open: 0, refused: 0, unanswered: 0, closed: { 1000: 20 } };
    expect(result.sockets).toMatchObject(sockets);
  });

  test('and where it had waited for more than a second, the server has not answered', async () => {
    const body = `const stream = await sse.connect('/mute', { reconnect: { delay: '1ms' }, timeout: '30s' });
      while (stream.isOpen) await sleep('5ms');
      await sleep('1300ms');
      await stream.close();`;
    const { result } = await runStreams(body, { load: one });
    expect(seriesOf(result, 'SSE /mute')).toMatchObject({ requests: 2, expected: 1, failed: 0, unfinished: 1 });
    expect(result.sockets).toMatchObject({ attempts: 2, opened: 1, refused: 0, unanswered: 1 });
  });

  test('a wait goes on while it comes back, and ends when there is nothing more', async () => {
    const body = `const stream = await sse.connect('/resume/30', { reconnect: true, timeout: '10s' });
      await stream.next('message', (event) => event.id === '9', { timeout: '10s' });
      await stream.step('after the last', () => stream.next('none', undefined, { timeout: '10s' }));
      await stream.step('after the end', () => stream.next('none', undefined, { timeout: '10s' }));`;
    const { result } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    for (const name of ['after the last', 'after the end']) {
      expect(seriesOf(result, name)).toMatchObject({ failed: 20, errors: { closed: 20 } });
    }
  });

  test('without the option it does not', async () => {
    const body = `const stream = await sse.connect('/dies');
      await new Promise((resolve) => { stream.onClose(resolve); });
      await sleep('30ms');`;
    const { counts } = await runStreams(body);
    expect(counts.requests).toBe(20);
  });
});
