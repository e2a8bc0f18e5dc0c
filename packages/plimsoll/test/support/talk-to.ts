/** An `http` that talks to a server of the test, and the books it must leave behind. */
import { expect, onTestFinished } from 'vitest';
import { rawServer, type RawRequest, type RawServer } from './raw-server.ts';
import type { SeriesDelta } from '../../src/stats/snapshot.ts';
import { httpBench, type HttpBench, type HttpOptions } from '../../src/engine/worker/http/settings.fixture.ts';

export async function talkTo(
  answer: (request: RawRequest) => void,
  options: HttpOptions = {},
): Promise<HttpBench & { readonly server: RawServer }> {
  const server = await rawServer(answer);
  const bench = httpBench({ target: server.url, ...options });
  onTestFinished(() => {
    bench.close();
  });
  return { server, ...bench };
}

/** The one thing every test here must end with: nothing open, and every request in one column. */
export function balanced({ take }: Pick<HttpBench, 'take'>): SeriesDelta {
  const snapshot = take();
  const series = snapshot.series[0]!;
  expect(series.issued).toBe(series.expected + series.limited + series.failed + series.unfinished);
  expect(snapshot.generator.inFlight).toBe(0);
  expect(snapshot.generator.inFlightAreaUs).toBeCloseTo(snapshot.generator.latencySumUs, 2);
  return series;
}
