/** The request for an event stream, and whether the answer is one (HTML, section 9.2.3). */
import { HeadTemplate } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { transportError, type TransportError } from '../net/error-kind.ts';
import type { EventStreamOptions } from './event-stream.ts';

const defaults = { accept: 'text/event-stream', 'cache-control': 'no-cache' };

/** Errors: TestFileError, when a header, the path or the last event id cannot be sent. */
export function streamRequestText(options: EventStreamOptions): string {
  const { hostHeader, headers, lastEventId, absolutePrefix, path, cookie } = options;
  // As UTF-8 on the wire; an empty one is not sent.
  const left = lastEventId === '' ? {} : { 'last-event-id': Buffer.from(lastEventId, 'utf8').toString('latin1') };
  const template = new HeadTemplate(hostHeader, [defaults, headers, left], absolutePrefix);
  return template.render({ method: 'GET', path, cookie });
}

/** undefined: what follows are events. */
export function refusalOf(head: ResponseHead): TransportError | undefined {
  const { status, contentEncoding } = head;
  if (status !== 200) {
    return transportError('status', `the server answered with status ${status}, not with a stream`, String(status));
  }
  const contentType = head.header('content-type');
  const essence = contentType?.split(';', 1)[0]!.trim().toLowerCase();
  if (essence !== 'text/event-stream') {
    const said = contentType === undefined ? 'no content type' : `the content type '${contentType}'`;
    return transportError('content-type', `the server answered with ${said}, not with 'text/event-stream'`);
  }
  if (contentEncoding === '') return undefined;
  return transportError('decode', `the stream has the content encoding '${contentEncoding}', which was not asked for`);
}
