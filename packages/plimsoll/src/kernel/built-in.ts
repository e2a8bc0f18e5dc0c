/**
 * Parts of Node that not every run needs, loaded when first used: TLS with all of its cryptography costs 15 ms in each
 * thread, and starting is a budget.
 */
const loaded = new Map<string, unknown>();

function once<Module>(name: string, load: () => Module): Module {
  if (!loaded.has(name)) loaded.set(name, load());
  return loaded.get(name) as Module;
}

export const builtIn = {
  tls: () => once('tls', () => process.getBuiltinModule('node:tls')),
  zlib: () => once('zlib', () => process.getBuiltinModule('node:zlib')),
  crypto: () => once('crypto', () => process.getBuiltinModule('node:crypto')),
} as const;
