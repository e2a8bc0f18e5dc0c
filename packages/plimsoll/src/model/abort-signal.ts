/**
 * The AbortSignal of whoever compiles: of Node's types or of the DOM's. A project that has neither still gets the part
 * that a test needs, so that what plimsoll declares compiles anywhere.
 */
type AbortSignalOf<Global> = Global extends { AbortSignal: { readonly prototype: infer Signal } }
  ? Signal
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      addEventListener(type: 'abort', listener: () => void): void;
      removeEventListener(type: 'abort', listener: () => void): void;
      throwIfAborted(): void;
    };

export type AbortSignal = AbortSignalOf<typeof globalThis>;
