/** What a model must satisfy after its optimisation, and what the optimiser may use for it. */
import { z } from 'zod';
import { ApiError, type ErrorDetail } from './api-error.ts';
import { techniques } from './session.ts';

const unique = <T>(items: readonly T[]): boolean => new Set(items).size === items.length;

function buildCriteriaSchema() {
  return z.strictObject({
    name: z.string().min(1).max(100).regex(/\S/, 'must not be blank'),
    constraints: z.strictObject({
      max_size_mb: z.number().positive().max(1_000_000),
      max_latency_ms: z.number().positive().max(600_000),
      min_accuracy_percent: z.number().min(0).max(100),
      max_accuracy_drop_percent: z.number().min(0).max(100),
    }),
    target_deployment: z.enum(['cloud', 'edge', 'mobile', 'browser']),
    enabled_techniques: z
      .array(z.enum(techniques))
      .min(1)
      .max(techniques.length)
      .refine(unique, 'must not repeat')
      .meta({ uniqueItems: true }),
    hardware: z.strictObject({
      accelerator: z.enum(['none', 'gpu', 'npu', 'tpu']),
      memory_mb: z.int().min(64).max(16_777_216),
      cores: z.int().min(1).max(1024),
    }),
    limits: z.strictObject({
      max_concurrent_sessions: z.int().min(1).max(1000),
      max_duration_minutes: z.int().min(1).max(10_080),
    }),
  });
}

export const criteriaSchema = buildCriteriaSchema();

/** Built anew: only the naive configuration does that, on every reading. */
export function makeCriteriaSchema(): typeof criteriaSchema {
  return buildCriteriaSchema();
}

export type Criteria = z.infer<typeof criteriaSchema>;

export const defaultCriteria: Criteria = {
  name: 'balanced',
  constraints: { max_size_mb: 500, max_latency_ms: 100, min_accuracy_percent: 90, max_accuracy_drop_percent: 2 },
  target_deployment: 'cloud',
  enabled_techniques: ['quantisation', 'pruning'],
  hardware: { accelerator: 'gpu', memory_mb: 16_384, cores: 8 },
  limits: { max_concurrent_sessions: 10, max_duration_minutes: 120 },
};

/** Values that are each allowed and cannot hold together: 409. */
function contradictions({ constraints, hardware, target_deployment }: Criteria): readonly ErrorDetail[] {
  const found: ErrorDetail[] = [];
  if (constraints.max_size_mb > hardware.memory_mb) {
    const message = `a model of ${constraints.max_size_mb} MB does not fit into ${hardware.memory_mb} MB of memory`;
    found.push({ field: 'constraints.max_size_mb', message });
  }
  if (constraints.max_accuracy_drop_percent > 100 - constraints.min_accuracy_percent) {
    const message = `a drop of ${constraints.max_accuracy_drop_percent} points can end below the least accuracy of ${constraints.min_accuracy_percent} %`;
    found.push({ field: 'constraints.max_accuracy_drop_percent', message });
  }
  if (target_deployment === 'browser' && hardware.accelerator === 'tpu') {
    found.push({ field: 'hardware.accelerator', message: 'no browser reaches a TPU' });
  }
  return found;
}

export function refuseContradictions(criteria: Criteria): void {
  const details = contradictions(criteria);
  if (details.length > 0) throw new ApiError(409, 'the criteria contradict themselves', { details });
}
