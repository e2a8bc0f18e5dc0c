/** Every link in the documents that leads to a file or a heading of this repository arrives there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

function documents(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path));
  const others = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'packages/plimsoll/README.md'];
  return [...docs.filter((path) => path.endsWith('.md')), ...others].filter((path) => existsSync(join(root, path)));
}

/** Links outside of code: `[text](target)`. */
function linksIn(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '`');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}

/** GitHub's name for a heading: '## plimsoll run' → 'plimsoll-run'. */
function anchorsIn(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function problemWith(document: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, document) : resolve(root, dirname(document), path);
  if (!existsSync(target)) return `${document}: ${link} does not exist`;
  if (anchor === undefined || anchorsIn(readFileSync(target, 'utf8')).includes(anchor)) return undefined;
  return `${document}: ${link} has no such heading`;
}

test('no link between the documents is broken', () => {
  const found = documents();
  expect(found.length).toBeGreaterThan(20);
  const problems = found.flatMap((document) =>
    linksIn(readFileSync(join(root, document), 'utf8')).map((link) => problemWith(document, link)),
  );
  expect(problems.length).toBeGreaterThan(50);
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});
