/** What a test expects of a status, as a function. */
export type Expect = number | readonly number[] | ((status: number) => boolean);

export function expectation(expect: Expect): (status: number) => boolean {
  if (typeof expect === 'function') return (status) => holds(expect, status);
  if (typeof expect === 'number') return (status) => status === expect;
  return (status) => expect.includes(status);
}

/** The test's own code must not break the connection that calls it: a throw is an unexpected answer. */
function holds(expect: (status: number) => boolean, status: number): boolean {
  try {
    return expect(status);
  } catch {
    return false;
  }
}
