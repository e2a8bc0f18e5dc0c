/**
 * RFC 6455 and RFC 7692, case by case: our client and, as an oracle, `ws` meet the same server, which sends each case in
 * one piece and cut into single bytes. They must see the same messages, answer the same pings, and close with the same code,
 * but where a case says why not.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourClient, wsClient, type Seen } from './clients.ts';
import { deflateCases } from './deflate-cases.ts';
import { frameCases, type FrameCase } from './frame-cases.ts';
import { scriptedServer, withClose, type Heard, type ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server.stop());

/** What a client made of a case, as far as it may be held against another's. */
interface Verdict {
  readonly messages: readonly string[];
  readonly failed: boolean;
  readonly pongs: readonly string[];
  /** The code of the close frame it sent; undefined without one, 1005 without a code. */
  readonly closeSent: number | undefined;
}

async function meet(
  client: (port: number, options: { compress: boolean }) => Promise<Seen>,
  { bytes, deflate }: FrameCase,
  cut: (bytes: Buffer) => readonly Buffer[],
): Promise<Verdict> {
  const extensions = deflate === undefined ? undefined : ['permessage-deflate', deflate].filter(Boolean).join('; ');
  const heard = server.play({ pieces: cut(withClose(bytes)), ...(extensions !== undefined && { extensions }) });
  const seen = await client(server.port, { compress: deflate !== undefined });
  return verdictOf(seen, await heard);
}

function verdictOf({ messages, failed }: Seen, { frames }: Heard): Verdict {
  expect(frames.every((each) => each.isMasked)).toBe(true);
  const closing = frames.find((each) => each.opcode === 8);
  return {
    messages,
    failed,
    pongs: frames.filter((each) => each.opcode === 10).map((each) => each.payload.toString('hex')),
    closeSent: closing === undefined ? undefined : closing.payload.length < 2 ? 1005 : closing.payload.readUInt16BE(),
  };
}

const inOnePiece = (bytes: Buffer): readonly Buffer[] => [bytes];
/** Long cases are cut at the start and the end only: that is where the heads are. */
function inSingleBytes(bytes: Buffer): readonly Buffer[] {
  const edge = Math.min(bytes.length, 60);
  const starts = Array.from({ length: edge }, (_, at) => bytes.subarray(at, at + 1));
  if (bytes.length <= edge) return starts;
  const tail = Math.max(edge, bytes.length - 20);
  const ends = Array.from({ length: bytes.length - tail }, (_, at) => bytes.subarray(tail + at, tail + at + 1));
  return [...starts, bytes.subarray(edge, tail), ...ends].filter((piece) => piece.length > 0);
}

describe.each([
  ['frames (RFC 6455)', frameCases],
  ['compression (RFC 7692)', deflateCases],
])('%s', (_, cases) => {
  test.each(cases)('$name', async (each) => {
    const ours = await meet(ourClient, each, inOnePiece);
    const theirs = await meet(wsClient, each, inOnePiece);
    if (each.differs === undefined) expect(ours).toEqual(theirs);
    else expect(ours, 'no longer differs').not.toEqual(theirs);
    expect(await meet(ourClient, each, inSingleBytes)).toEqual(ours);
  });
});
