/**
 * zod describes, Fastify checks: a schema becomes JSON Schema once, at the start, and ajv compiles it. Query strings are
 * text, so their numbers are read as numbers; bodies are taken as they are. Nothing is dropped in silence.
 */
import { Ajv, type ErrorObject } from 'ajv';
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ErrorDetail } from '../domain/api-error.ts';

export type JsonSchema = Record<string, unknown>;

export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, id: __, ...rest } = z.toJSONSchema(schema, { target: 'draft-7' });
  return rest;
}

const options = { allErrors: true, removeAdditional: false, strict: false } as const;

export function setValidation(app: FastifyInstance): void {
  const exact = new Ajv(options);
  const coercing = new Ajv({ ...options, coerceTypes: true, useDefaults: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : coercing).compile(schema as JsonSchema),
  );
}

const mostDetails = 20;

/** What is wrong, field by field, in words. */
export function detailsOf({ validation = [] }: FastifyError): readonly ErrorDetail[] {
  return (validation as unknown as ErrorObject[]).slice(0, mostDetails).map((problem) => {
    const { instancePath, keyword, params, message = 'is not valid' } = problem;
    const path = instancePath.slice(1).split('/').filter(Boolean);
    const extra = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
    const field = [...path, ...(extra === undefined ? [] : [extra])].join('.');
    return { field, message: inWords(keyword, params, message) };
  });
}

function inWords(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not known here';
  if (keyword === 'enum') return `must be one of: ${(params['allowedValues'] as unknown[]).join(', ')}`;
  return message;
}
