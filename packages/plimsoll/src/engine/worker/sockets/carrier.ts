/** What carries the messages of a socket: a WebSocket, or the HTTP requests of Engine.IO's polling. */
import type { OpeningPhase } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { DeflateCounts } from '../../../protocol/websocket/deflate-counts.ts';
import type { Fragments, OpenUser } from '../../../protocol/websocket/web-socket.ts';

export interface Carrier {
  readonly state: 'connecting' | 'open' | 'closing' | 'closed';
  /** Where the attempt to open it is, or where it was given up; 'upgrade' from then on. */
  readonly phase: OpeningPhase;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Not on its way yet. */
  readonly bufferedBytes: number;
  /** undefined: a WebSocket, which is nothing else. */
  readonly transport?: 'polling' | 'websocket';
  /** From here on `user` is told. Absent: who asked for it goes on being told. */
  handTo?(user: OpenUser): void;
  /** From here on what compression does goes into `counts`, or nowhere. Absent: nothing is compressed. */
  countDeflated?(counts: DeflateCounts | undefined): void;
  /** false: it is not open, and nothing was sent. Only a WebSocket has fragments. */
  send(data: string | Uint8Array, fragments?: Fragments): boolean;
  /** false: it is not open. Where there is none, no ping can be sent. */
  ping?(payload: Uint8Array): boolean;
  /** Its user is told when it has ended; before it is open it is given up, and nobody is told. */
  close(code?: number, reason?: string): void;
  /** Without a word. Its user is told when it has ended, and why. */
  terminate(how: 'reset' | 'fin', why: TransportError): void;
  /** Reads and answers nothing more. */
  silence(): void;
}
