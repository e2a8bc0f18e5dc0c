import { expect, test } from 'vitest';
import {
  completedByAb,
  completedByArtillery,
  completedByAutocannon,
  completedByH2load,
  completedByHey,
  completedByProgram,
  completedByWrk,
} from './peer-output.ts';

const wrk = `Running 1s test @ http://127.0.0.1:8099/
  1 threads and 50 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.52ms    0.98ms  12.01ms   80.10%
    Req/Sec    30.11k     2.10k   33.50k    60.00%
  29957 requests in 1.00s, 9.97MB read
Requests/sec:  29901.12
Transfer/sec:      9.95MB
`;

test('wrk: the requests of the summary line, and none where some were not 2xx', () => {
  expect(completedByWrk(wrk)).toBe(29957);
  const refused = wrk.replace('Requests/sec', '  Non-2xx or 3xx responses: 5\nRequests/sec');
  expect(() => completedByWrk(refused)).toThrow('Non-2xx or 3xx responses: 5');
  const late = wrk.replace('  29957', '  Socket errors: connect 0, read 0, write 0, timeout 3\n  29957');
  expect(() => completedByWrk(late)).toThrow('timeout 3');
  expect(() => completedByWrk('unable to connect to 127.0.0.1:1 Connection refused')).toThrow('unable to connect');
});

const ab = `Document Length:        100 bytes

Concurrency Level:      50
Time taken for tests:   1.000 seconds
Complete requests:      33366
Failed requests:        0
Keep-Alive requests:    33366
`;

test('ab: complete requests, and none where some failed or were not 2xx', () => {
  expect(completedByAb(ab)).toBe(33366);
  expect(() => completedByAb(ab.replace('requests:        0', 'requests:        12'))).toThrow('Failed requests:');
  expect(() => completedByAb(`${ab}Non-2xx responses:      3\n`)).toThrow('Non-2xx responses:');
});

const h2load = `finished in 1.00s, 31415.00 req/s, 10.44MB/s
requests: 31415 total, 31465 started, 31415 done, 31415 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 31416 2xx, 0 3xx, 0 4xx, 0 5xx
`;

test('h2load: what succeeded, where nothing failed and every status is 2xx', () => {
  expect(completedByH2load(h2load)).toBe(31415);
  expect(() => completedByH2load(h2load.replace('0 5xx', '7 5xx'))).toThrow('7 5xx');
  expect(() => completedByH2load(h2load.replace('0 failed', '2 failed'))).toThrow('no number of requests');
});

const hey = `Summary:
  Total:	1.0025 secs
  Requests/sec:	13100.1234

Status code distribution:
  [200]	13133 responses
`;

test('hey: the line of status 200, where it is the only one', () => {
  expect(completedByHey(hey)).toBe(13133);
  expect(() => completedByHey(`${hey}  [503]	4 responses\n`)).toThrow('[503]');
  expect(() => completedByHey(`${hey}\nError distribution:\n  [3]	Get "http://127.0.0.1/": EOF\n`)).toThrow('[3]');
});

test('autocannon: 2xx of its JSON, and none where there were errors', () => {
  const result = { '2xx': 17000, non2xx: 0, errors: 0, timeouts: 0, requests: { total: 17050 } };
  expect(completedByAutocannon(JSON.stringify(result))).toBe(17000);
  expect(() => completedByAutocannon(JSON.stringify({ ...result, timeouts: 1 }))).toThrow('time-outs');
});

test('artillery: the counter of status 200 in its report, and none where errors are counted', () => {
  const counters = { 'http.requests': 2000, 'http.codes.200': 2000, 'vusers.created': 50 };
  expect(completedByArtillery(JSON.stringify({ aggregate: { counters } }))).toBe(2000);
  const failing = { ...counters, 'errors.ECONNRESET': 2 };
  expect(() => completedByArtillery(JSON.stringify({ aggregate: { counters: failing } }))).toThrow('ECONNRESET');
  expect(() => completedByArtillery('{"aggregate":{"counters":{}}}')).toThrow('status 200');
});

test('the programs of the bench: what is completed, and nothing where something failed', () => {
  expect(completedByProgram('{"completed":8200,"failed":0}\n')).toBe(8200);
  expect(() => completedByProgram('{"completed":8200,"failed":1}')).toThrow('1 failed requests');
});
