/**
 * Which worker does what: striped beforehand, so that no worker ever has to ask another one.
 *
 * VU v lives on worker v mod W. A numbered thing k (an arrival, a shared iteration) belongs to worker k mod W. Where there
 * are fewer VUs than would fill the workers evenly, a period of P = VUs gives k to the worker of VU k mod P: each VU gets
 * the same share, and a worker without a VU gets nothing.
 */

/** One worker's part of a plan; plain data. */
export interface Stripe {
  /** From 0. */
  readonly worker: number;
  readonly workers: number;
  /** The owners repeat after this many; without it after `workers`. */
  readonly period?: number;
}

export const wholePlan: Stripe = { worker: 0, workers: 1 };
/** Nothing: a second worker of one. */
export const emptyStripe: Stripe = { worker: 1, workers: 1 };

/** The worker that index k, from 0, belongs to. The one place that decides. */
export function ownerOf(stripe: Stripe, index: number): number {
  return (stripe.period === undefined ? index : index % stripe.period) % stripe.workers;
}

export function owns(stripe: Stripe, index: number): boolean {
  return ownerOf(stripe, index) === stripe.worker;
}

/** How many of the indexes 0 … total−1 belong to the stripe. */
export function ownedCount(stripe: Stripe, total: number): number {
  const period = stripe.period ?? stripe.workers;
  return Math.floor(total / period) * ownedBelow(stripe, period) + ownedBelow(stripe, total % period);
}

/** The n-th index, n from 0, that belongs to the stripe; Infinity when none does. */
export function ownedIndex(stripe: Stripe, n: number): number {
  const period = stripe.period ?? stripe.workers;
  const each = ownedBelow(stripe, period);
  if (each === 0) return Infinity;
  return Math.floor(n / each) * period + stripe.worker + (n % each) * stripe.workers;
}

/** The indexes below `total` that belong to the stripe, ascending: the VUs of a worker. */
export function ownedIndexes(stripe: Stripe, total: number): number[] {
  return Array.from({ length: ownedCount(stripe, total) }, (_, n) => ownedIndex(stripe, n));
}

/** Within one period: how many k < end have k mod W = w. */
function ownedBelow(stripe: Stripe, end: number): number {
  return Math.max(0, Math.ceil((end - stripe.worker) / stripe.workers));
}
