import { expect, test } from 'vitest';
import { defaultHttp } from '../model/default-http.ts';
import { snapshotOf, socketsOf } from '../stats/snapshot.fixture.ts';
import { crowdedPorts } from './crowded-ports.ts';

const holding = (sockets: number, connections: number) =>
  snapshotOf({ sockets: socketsOf({ open: sockets }), generator: { openConnections: connections } });

test.each([
  [[], [holding(12_000, 0)], undefined],
  [[], [snapshotOf({ generator: { openConnections: 12_001 } })], '12,001'],
  [[], [holding(6000, 100), holding(5950, 0)], '12,050'],
  [['127.0.0.1', '127.0.0.2'], [holding(24_000, 1)], undefined],
  [['127.0.0.1', '127.0.0.2'], [holding(20_000, 5000)], '12,500'],
])('from %j', (sourceAddresses, snapshots, told) => {
  const message = crowdedPorts(snapshots, { ...defaultHttp, sourceAddresses });
  if (told === undefined) expect(message).toBeUndefined();
  else
    expect(message).toMatch(new RegExp(`^${told} connections are held from one source address: .*--source-address$`));
});

test('a Unix socket needs no port', () => {
  expect(crowdedPorts([holding(50_000, 0)], { ...defaultHttp, socketPath: '/run/app.sock' })).toBeUndefined();
});
