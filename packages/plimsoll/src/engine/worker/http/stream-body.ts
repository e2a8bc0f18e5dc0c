/** A request body that is produced while it is sent. */
import { wireChunks, type BodyStream } from '../../../protocol/http1/body.ts';
import type { Connection, ConnectionUser } from '../../../protocol/http1/connection.ts';
import type { SeriesRecord } from '../series-record.ts';

export interface StreamBody {
  readonly source: BodyStream;
  /** −1: chunked. */
  readonly byteLength: number;
}

/** The exchange whose body it is. */
export interface StreamingUser extends ConnectionUser {
  readonly series: SeriesRecord;
  bodyFailed(error: unknown): void;
}

/** Sends head and body; a source that throws, or a length that is not kept, fails the exchange with kind `body`. */
export function sendStream(connection: Connection, exchange: StreamingUser, head: string, body: StreamBody): void {
  connection.sendHead(exchange, head);
  pump(connection, exchange, body).catch((error: unknown) => {
    exchange.bodyFailed(error);
  });
}

async function pump(connection: Connection, exchange: StreamingUser, body: StreamBody): Promise<void> {
  for await (const bytes of wireChunks(body.source, body.byteLength)) {
    exchange.series.bytesOut += bytes.byteLength;
    // An answer may end the exchange before its request is whole; the rest is not wanted then.
    if (!(await connection.write(exchange, bytes))) return;
  }
  connection.bodySent(exchange);
}
