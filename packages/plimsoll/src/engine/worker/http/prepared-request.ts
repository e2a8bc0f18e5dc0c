import type { HeadMemo } from '../../../protocol/http1/head-memo.ts';
import type { TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { SeriesRecord } from '../series-record.ts';
import type { TestOrigin } from './origins.ts';
import type { RequestTrace } from './request-trace.ts';
import type { StreamBody } from './stream-body.ts';

/** A request ready to be written. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: string;
  readonly target: TargetUrl;
  readonly origin: TestOrigin;
  readonly series: SeriesRecord;
  readonly memo: HeadMemo | undefined;
  /** The whole request, or its head where `stream` follows. */
  readonly bytes: string | Uint8Array;
  readonly byteLength: number;
  readonly stream: StreamBody | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** Of the body where it is not the test's own header: a redirect may ask for the body again. */
  readonly contentType: string | undefined;
  /** '' for none. */
  readonly bearer: string;
  /** 'Basic …' of this request alone. */
  readonly authorization: string | undefined;
  /** Whether the test's default credentials may go along: to its own target only. */
  readonly trusted: boolean;
  readonly trace: RequestTrace;
  readonly keepBody: boolean;
  readonly timeoutMs: number;
  readonly redirects: number;
  /** undefined: every status below 400. */
  readonly expect: ((status: number) => boolean) | undefined;
}
