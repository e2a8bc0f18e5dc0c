import { expect, test } from 'vitest';
import { perVuIterations } from '../../model/load-model.ts';
import { runVirtually } from './test-run.fixture.ts';

test('the host hears each second that VUs are being set up', async () => {
  const { messages } = await runVirtually({
    scenarios: { default: { load: perVuIterations({ vus: 1000, iterations: 1 }), run: () => undefined } },
    options: { setupVu: ({ sleep }) => sleep(400) },
  });
  // 128 at once: eight rounds, of which the third and the sixth end a second after one was told.
  expect(messages.filter(({ type }) => type === 'preparing')).toHaveLength(2);
});
