/** Before each file of tests: what the file before it in the same process has declared is forgotten. */
Reflect.deleteProperty(globalThis, Symbol.for('plimsoll.registry'));
