/** What an attempt to open a socket goes through. */

/** In their order; `namespace` is Socket.IO's alone. */
export const socketPhases = ['dns', 'tcp', 'tls', 'upgrade', 'namespace'] as const;

export type SocketPhase = (typeof socketPhases)[number];

/** One value for each phase. */
export type ByPhase<Value> = Readonly<Record<SocketPhase, Value>>;

export function byPhase<Value>(valueOf: (phase: SocketPhase) => Value): ByPhase<Value> {
  const values: Partial<Record<SocketPhase, Value>> = {};
  for (const phase of socketPhases) values[phase] = valueOf(phase);
  return values as ByPhase<Value>;
}
