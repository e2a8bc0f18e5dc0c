/** When and where a part of the page was measured, and how often. Pure. */
import type { Machine } from './machine.ts';

export interface Setting {
  /** '2026-01-31' */
  readonly date: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly repeats: number;
}

/** Above this share the machine had something else to do, and the page says so. */
const quietShare = 0.05;

export function settingLines({ date, machine }: Setting): string {
  const { cores, cpu, memoryGb, os, kernel, node, busyBefore } = machine;
  return `Measured on ${date}; every figure of this part comes from that one run.

${cores} cores of ${cpu}, ${memoryGb} GB, ${os}, Linux ${kernel}, Node ${node}.
Before the run the machine was ${(busyBefore * 100).toFixed(1)} % busy${
    busyBefore > quietShare ? ': **it was not quiet, and the figures are worth less for it**' : ''
  }.`;
}
