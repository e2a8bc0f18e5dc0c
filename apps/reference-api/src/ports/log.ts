/** The part of Fastify's logger that everything else uses: details first, then one sentence. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
