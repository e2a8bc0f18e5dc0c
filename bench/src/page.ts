/**
 * docs/benchmarks.md: a frame, and in it a part for each thing that is measured for itself. A run writes the parts that
 * it measured and leaves the others as they stand. Pure.
 */
import { parts, type Part } from './options.ts';

/** The text of each part, without its marks. */
export type PartTexts = Readonly<Record<Part, string>>;

export const nothingYet: PartTexts = {
  http: '## HTTP\n\nNot measured yet: `npm run bench -- --only http`.',
  sockets: '## Sockets\n\nNot measured yet: `npm run bench -- --only sockets`.',
};

export function page(texts: PartTexts): string {
  return `# Benchmarks

Written by \`npm run bench\`; not edited by hand. Each part was measured in one run of its own and says of which day. Both
parts are measured together, or one alone; a few measures alone are printed and not written:

\`\`\`sh
npm run bench
npm run bench -- --only sockets
npm run bench -- --only quick,scripted --seconds 3 --repeats 3
npm run bench -- --only sockets --sockets 200 --seconds 2 --repeats 1
\`\`\`

The machine should do nothing else meanwhile.

${parts.map((part) => `${begin(part)}\n\n${texts[part]}\n\n${end(part)}\n`).join('\n')}`;
}

/** Errors: a part has no marks; then nothing may be written, for it would be lost. */
export function partsOf(text: string): PartTexts {
  const textOf = (part: Part): string => {
    const [from, to] = [text.indexOf(begin(part)), text.indexOf(end(part))];
    if (from < 0 || to < from) {
      throw new Error(`docs/benchmarks.md has no '${begin(part)}' with its end: restore it, or remove the file`);
    }
    return text.slice(from + begin(part).length, to).trim();
  };
  return { http: textOf('http'), sockets: textOf('sockets') };
}

function begin(part: Part): string {
  return `<!-- part: ${part} -->`;
}

function end(part: Part): string {
  return `<!-- end of part: ${part} -->`;
}
