/** Whether a debugger may hold the threads up: then no limit is one, for a pause may take as long as it likes. */
export type IsDebugged = () => boolean;

/** Asked rarely, so loaded late. */
export const isDebugged: IsDebugged = () => process.getBuiltinModule('node:inspector').url() !== undefined;
