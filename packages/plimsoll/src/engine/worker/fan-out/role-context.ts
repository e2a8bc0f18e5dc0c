import type { TestContext } from '../../../model/suite.ts';

/** The test's context with what a role gets beside it. The context makes its parts when first asked for, and so does this. */
export function roleContext<Extra extends object>(
  context: TestContext,
  extra: Extra,
): TestContext<unknown, undefined> & Extra {
  const parts: TestContext<unknown, undefined> = {
    get http() {
      return context.http;
    },
    get ws() {
      return context.ws;
    },
    get io() {
      return context.io;
    },
    get sse() {
      return context.sse;
    },
    get data() {
      return context.data;
    },
    get vu() {
      return context.vu as TestContext<unknown, undefined>['vu'];
    },
    get iteration() {
      return context.iteration;
    },
    get random() {
      return context.random;
    },
    get sleep() {
      return context.sleep;
    },
    get step() {
      return context.step;
    },
    get log() {
      return context.log;
    },
    get signal() {
      return context.signal;
    },
  };
  return Object.assign(parts, extra);
}
