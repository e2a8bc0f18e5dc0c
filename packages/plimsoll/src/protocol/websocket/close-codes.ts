/** Close codes (RFC 6455, section 7.4). */

/** What may stand in a close frame; the others are either reserved for reports or not yet anybody's. */
export function isLegalCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/** Reported where the close frame had no code. */
export const noStatus = 1005;
/** Reported where there was no close frame. */
export const abnormal = 1006;

/** Why a connection is failed: the code that the peer is told. */
export const closeCodes = { protocol: 1002, badData: 1007, tooBig: 1009 } as const;

/** A fault of the peer: the connection cannot go on. Its message says what the server sent. */
export class FrameFault extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}
