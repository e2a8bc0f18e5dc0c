import { defineConfig } from 'plimsoll';

export default defineConfig({
  targets: { shop: 'http://127.0.0.1:4870' },
  // Started before the run, stopped after it.
  serve: { command: 'node shop-server.mjs', url: 'http://127.0.0.1:4870/health' },
  // For every test, beside its own.
  thresholds: ['success >= 99%'],
  // No test may ask for more than this, whatever is typed.
  limits: { maxRate: 500, maxVus: 100 },
});
