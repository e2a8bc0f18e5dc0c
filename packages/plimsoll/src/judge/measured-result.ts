/** From totals to what is stored of a series or a test. */
import type { Measured, StoredHistograms } from '../model/result.ts';
import { encodeHdrV2 } from '../stats/hdr-v2.ts';
import type { MeasuredTotals } from '../stats/measured-totals.ts';
import { summarise } from '../stats/summary.ts';

/** @param durationSeconds length of the load window, the warm-up left out */
export function measuredResult(totals: MeasuredTotals, durationSeconds: number): Measured {
  return {
    requests: totals.requests,
    rate: totals.ratePerSecond(durationSeconds),
    success: totals.success,
    expected: totals.expected,
    limited: totals.limited,
    failed: totals.failed,
    unfinished: totals.unfinished,
    checkFailed: totals.checkFailed,
    resent: totals.resent,
    bytesIn: totals.bytesIn,
    bytesOut: totals.bytesOut,
    latency: summarise(totals.latency),
    failedLatency: summarise(totals.failedLatency),
    service: summarise(totals.service),
    ttfb: summarise(totals.ttfb),
    status: Object.fromEntries(totals.status),
    errors: Object.fromEntries(totals.errors),
    histograms: storedHistograms(totals),
  };
}

function storedHistograms({ latency, failedLatency, service, ttfb }: MeasuredTotals): StoredHistograms {
  return {
    latency: encodeHdrV2(latency),
    ...(failedLatency.count > 0 && { failedLatency: encodeHdrV2(failedLatency) }),
    ...(service.count > 0 && { service: encodeHdrV2(service) }),
    ...(ttfb.count > 0 && { ttfb: encodeHdrV2(ttfb) }),
  };
}
