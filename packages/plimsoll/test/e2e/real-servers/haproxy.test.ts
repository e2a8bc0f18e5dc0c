import { describe } from 'vitest';
import { haproxyBefore } from '../../support/real-servers/haproxy.ts';
import { nginx } from '../../support/real-servers/nginx.ts';
import { startServer, testWith } from '../../support/real-servers/private-instance.ts';
import { cases, expectNoError, iterationsFor, load, title } from '../../support/real-servers/whole-answers.ts';

describe('HAProxy in front of nginx', () => {
  for (const wishes of cases) {
    testWith([nginx, haproxyBefore(0)], wishes)(title(wishes), async () => {
      const behind = await startServer(nginx, { tls: false, keepAlive: true, chunked: wishes.chunked });
      const server = await startServer(haproxyBefore(behind.port), wishes);
      expectNoError(await load(server, wishes), 2 * iterationsFor(wishes));
    });
  }
});
