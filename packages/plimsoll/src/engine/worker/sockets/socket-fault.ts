/** What ends a wait on a socket: the server's doing, so inside a step it is a failed request and not an exception. */
export class SocketFault extends Error {
  /** 'timeout' or 'closed'. */
  readonly kind: 'timeout' | 'closed';

  constructor(kind: 'timeout' | 'closed', message: string) {
    super(message);
    this.name = 'SocketFault';
    this.kind = kind;
  }
}
