/** What carries the messages of a socket: a WebSocket, or the HTTP requests of Engine.IO's polling. */
export interface Carrier {
  readonly state: 'connecting' | 'open' | 'closing' | 'closed';
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Not on its way yet. */
  readonly bufferedBytes: number;
  /** undefined: a WebSocket, which is nothing else. */
  readonly transport?: 'polling' | 'websocket';
  /** false: it is not open, and nothing was sent. */
  send(data: string | Uint8Array): boolean;
  /** false: it is not open. Where there is none, no ping can be sent. */
  ping?(): boolean;
  /** Its user is told when it has ended; before it is open it is given up, and nobody is told. */
  close(code?: number, reason?: string): void;
  /** Without a word. Its user is told when it has ended. */
  terminate(how: 'reset' | 'fin'): void;
  /** Reads and answers nothing more. */
  silence(): void;
}
