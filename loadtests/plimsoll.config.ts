import { defineConfig } from 'plimsoll';
import { noSettings } from './no-settings.ts';
import { ownPassword } from './sign-in.ts';

const staging = process.env['STAGING_URL'];

export default defineConfig({
  targets: {
    local: 'http://127.0.0.1:4870',
    // What `node deploy/local/start.mjs` starts: PostgreSQL, Redis and two instances behind nginx.
    'production-like': 'http://127.0.0.1:4880',
    ...(staging !== undefined && { staging }),
  },
  defaultTarget: 'local',
  // A staging host must be named twice on purpose: here by the environment, and as a target on the command line.
  allow: staging === undefined ? [] : [new URL(staging).host],
  serve: {
    command: `node ../apps/reference-api/dist/main.js --rate-limits off ${process.env['API_FLAGS'] ?? ''}`,
    url: 'http://127.0.0.1:4870/ready',
    env: {
      ...noSettings,
      DATABASE_FILE: '.plimsoll/api/data.sqlite',
      CRITERIA_FILE: '.plimsoll/api/criteria.json',
      SEED_PASSWORD: ownPassword,
      LOG_LEVEL: 'warn',
      // The suite starts sessions and cancels them: none may come to its end before.
      OPTIMISER_STEP_MS: '5000',
    },
    reuseExisting: false,
  },
  suites: { performance: ['Test'] },
  limits: { maxRate: 2000, maxVus: 500 },
});
