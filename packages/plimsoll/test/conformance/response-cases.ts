/** The hand-written answers: what the unit test checks, and the seeds of the comparison with llhttp. */
import { bodyLengthCases } from './cases/body-length.ts';
import { chunkCases } from './cases/chunks.ts';
import { connectionCases } from './cases/connection.ts';
import { headerLineCases } from './cases/header-lines.ts';
import { statusLineCases } from './cases/status-line.ts';
import type { ResponseCase } from './response-case.ts';

export const responseCases: readonly ResponseCase[] = [
  ...statusLineCases,
  ...headerLineCases,
  ...bodyLengthCases,
  ...chunkCases,
  ...connectionCases,
];
