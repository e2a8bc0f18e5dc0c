/** The trace that a request begins, or the one that its test has put it into. */
import type { HttpPlan } from '../../../model/plan.ts';
import { headerOf, type Headers } from '../../../protocol/http1/request-head.ts';
import { asksToBeRecorded, ownTraceId, traceIdOf, Traceparents } from '../../../protocol/http1/traceparent.ts';

export interface RequestTrace {
  /** 32 hexadecimal digits; '' where it is not known, or others ask to be recorded and this request does not. */
  readonly id: string;
  /** What is sent as `traceparent`; '' where nothing is to be added to the test's own headers. */
  readonly header: string;
}

const noTrace: RequestTrace = { id: '', header: '' };
const traceparents = new Traceparents();

/**
 * @param defaults headers of the test, beneath those of the request
 * @param own those of the request
 */
export function traceOf(trace: HttpPlan['trace'], defaults: Headers, own: Headers | undefined): RequestTrace {
  if (trace === false) return noTrace;
  const given = (own && headerOf(own, 'traceparent')) ?? headerOf(defaults, 'traceparent');
  if (given !== undefined) return { id: traceIdOf(given), header: '' };
  const header = traceparents.next(trace.sampled);
  // An id that leads to no trace is no help beside others that do. Where none asks, the service has its own way with them.
  const isOfUse = trace.sampled === 0 || header.endsWith(asksToBeRecorded);
  return { id: isOfUse ? ownTraceId(header) : '', header };
}
