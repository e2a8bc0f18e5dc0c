/**
 * zod describes, Fastify checks: a schema becomes JSON Schema once, at the start, and ajv compiles it. Query strings are
 * text, so their whole numbers, written in plain digits, are read as numbers; bodies are taken as they are. Nothing is
 * dropped in silence.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ErrorDetail } from '../domain/api-error.ts';

export type JsonSchema = Record<string, unknown>;

/** Of a route that takes none. Without `properties` the document would take the keywords themselves for parameters. */
export const noQuery = { type: 'object', properties: {}, additionalProperties: false };

export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, id: __, ...rest } = z.toJSONSchema(schema, { target: 'draft-7' });
  return rest;
}

/** No control characters: nobody means them in a name, and PostgreSQL cannot keep U+0000. */
export const plainText = /^\P{Cc}+$/u;

const options = { allErrors: true, removeAdditional: false, strict: false } as const;

export function setValidation(app: FastifyInstance): void {
  const exact = new Ajv(options);
  const filling = new Ajv({ ...options, useDefaults: true });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    if (httpPart === 'body') return exact.compile(schema as JsonSchema);
    return readingNumbers(schema as JsonSchema, filling.compile(schema as JsonSchema));
  });
}

/** Not ajv's own coercion, which takes '0x10', '1e1' and ' 10' for numbers. What is left a text is refused as one. */
function readingNumbers({ properties = {} }: JsonSchema, validate: ValidateFunction): ValidateFunction {
  const numbers = Object.entries(properties as Record<string, JsonSchema>)
    .filter(([, { type }]) => type === 'integer')
    .map(([name]) => name);
  if (numbers.length === 0) return validate;
  const check = (data: Record<string, unknown>): boolean => {
    for (const name of numbers) {
      const text = data[name];
      if (typeof text === 'string' && /^-?\d+$/.test(text)) data[name] = Number(text);
    }
    const isValid = validate(data);
    reading.errors = validate.errors ?? null;
    return isValid;
  };
  const reading = check as ValidateFunction;
  return reading;
}

const mostDetails = 20;

/** What is wrong, field by field, in words. */
export function detailsOf({ validation = [], validationContext }: FastifyError): readonly ErrorDetail[] {
  return (validation as unknown as ErrorObject[]).slice(0, mostDetails).map((problem) => {
    const { instancePath, keyword, params, message = 'is not valid' } = problem;
    const path = instancePath.slice(1).split('/').filter(Boolean);
    const extra = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
    const field = [...path, ...(extra === undefined ? [] : [extra])].join('.');
    const whole = validationContext === 'body' ? 'body' : 'url';
    return { field: field === '' ? whole : field, message: inWords(keyword, params, message) };
  });
}

function inWords(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not known here';
  if (keyword === 'enum') return `must be one of: ${(params['allowedValues'] as unknown[]).join(', ')}`;
  if (keyword === 'pattern' && params['pattern'] === plainText.source) return 'must not hold control characters';
  return message;
}
