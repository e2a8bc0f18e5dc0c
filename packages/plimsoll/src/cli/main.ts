#!/usr/bin/env node
/** The way in. The version is answered before anything else is loaded: starting is a budget. */
import { readFileSync } from 'node:fs';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${version()}\n`);
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(words);
}

/** This file is src/cli/main.ts or dist/cli/main.js: the package's root is two above either way. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
