/** docs/reference/test-api.md, from what src/index.ts exports. */
import { join } from 'node:path';
import {
  commentOf,
  exportsOf,
  isFunction,
  isInterface,
  isTypeAlias,
  membersOf,
  methodsOf,
  signatureOf,
  textOf,
  throwsOf,
} from './declarations.mjs';
import { assertSame, code, codeBlock, notice, paragraphs, plainText, table } from './markdown.mjs';

/** In the order in which a reader needs them. */
const sections = {
  'Declaring tests': [
    'loadTest',
    'group',
    'abortTest',
    'SingleOptions',
    'ScenariosOptions',
    'ScenarioOptions',
    'CommonOptions',
    'ThresholdInput',
    'ThresholdOptions',
    'Threshold',
    'HttpDefaults',
    'TlsOptions',
    'ConnectionPolicy',
  ],
  'Load models': [
    'sharedIterations',
    'perVuIterations',
    'constantVus',
    'rampingVus',
    'constantArrivalRate',
    'rampingArrivalRate',
    'ArrivalOptions',
    'StageInput',
    'Duration',
    'Rate',
    'Spacing',
  ],
  'Inside a test function': ['TestFunction', 'TestContext', 'SetupContext', 'StepContext', 'Vu', 'Iteration', 'Random'],
  'Requests and answers': ['Http', 'RequestOptions', 'MultipartPart', 'HttpResponse', 'RequestTimings', 'RequestError'],
  WebSockets: [
    'Ws',
    'OpenOptions',
    'ConnectOptions',
    'SocketOptions',
    'Socket',
    'SendOptions',
    'SocketMessage',
    'NextOptions',
    'SocketEnd',
    'SocketError',
  ],
  'Socket.IO': ['Io', 'IoOptions', 'IoSocket', 'IoEvent', 'IoTransport', 'ReconnectOptions', 'Reconnected'],
  'Server-sent events': ['Sse', 'SseOptions', 'StreamReconnectOptions', 'EventStream', 'StreamEvent'],
  'Fan-out': [
    'fanOut',
    'FanOutOptions',
    'Storm',
    'Backoff',
    'FanOutRoles',
    'Received',
    'Subscriber',
    'SubscriberContext',
    'JoinContext',
    'JoinAllContext',
    'PublishContext',
    'ReceiveContext',
    'AnyConnection',
    'MessageOf',
  ],
  Data: ['csv', 'json', 'DataSource', 'DataOptions', 'CsvOptions', 'RowOrder', 'RowContext'],
  'Own metrics': ['metric', 'Trend', 'Counter', 'RateMetric'],
};

const introductions = {
  'Load models':
    'Plain values that can be spread and reused. Which one to choose: [open and closed models](../explanation/load-models.md).',
  'Requests and answers':
    'A request that fails does not throw: its answer says `ok: false`, and the iteration goes on. `orThrow()` ends the iteration instead.',
  WebSockets:
    'A WebSocket that is refused does not throw: the socket says `ok: false`, with the status. How to use them: [WebSockets](../how-to/websockets.md).',
  'Socket.IO': 'How to use it: [Socket.IO](../how-to/socket-io.md).',
  'Server-sent events':
    'A stream that is refused does not throw: it says `ok: false`, with the status. How to use them: [server-sent events](../how-to/server-sent-events.md).',
  'Own metrics': 'Thresholds apply to them: [own metrics](../how-to/own-metrics.md).',
};

/** Told on the configuration's page. */
const elsewhere = ['defineConfig', 'Config', 'LimitsConfig', 'ReporterName', 'ServeConfig', 'TargetConfig'];
/** What the makers of load models return; a test never spells it out. */
const values = [
  'LoadModel',
  'SharedIterations',
  'PerVuIterations',
  'ConstantVus',
  'RampingVus',
  'ArrivalRate',
  'Stage',
];
/** Named in signatures, and clear from them. */
const small = ['Method'];

export function testApiPage(packageRoot) {
  const exported = exportsOf(join(packageRoot, 'src/index.ts'));
  assertSame(
    'exports of plimsoll',
    [...exported.keys()],
    [...Object.values(sections).flat(), ...elsewhere, ...values, ...small],
  );
  return paragraphs(
    notice('the exports of `src/index.ts`'),
    '# Test API',
    codeBlock("import { constantVus, group, loadTest } from 'plimsoll';", 'ts'),
    'A file called `*.load.ts` (or `.mts`, `.js`, `.mjs`) declares tests when it is loaded. Its functions run in real Node, in worker threads: module state is per worker.',
    ...Object.entries(sections).map(([title, names]) =>
      paragraphs(
        `## ${title}`,
        introductions[title] ?? '',
        ...names.map((name) => entry(name, exported.get(name))),
      ).trimEnd(),
    ),
    '## Other types',
    `\`defineConfig\` and its types are on the page of the [configuration](configuration.md). Exported for code that passes load models around, and needless in most tests: ${[...values, ...small].map(code).join(', ')}.`,
  );
}

function entry(name, declarations) {
  const [first] = declarations;
  const parts = [`### ${name}`];
  if (isFunction(first)) {
    const overloads = declarations.length > 1 ? declarations.filter((node) => node.body === undefined) : declarations;
    for (const node of overloads) parts.push(plainComment(commentOf(node)), codeBlock(signatureOf(node), 'ts'));
    const errors = throwsOf(first).map(
      (text) => `Throws \`${text.split(' ')[0]}\` ${text.split(' ').slice(1).join(' ')}.`,
    );
    return paragraphs(...parts, ...errors).trimEnd();
  }
  if (name !== 'Threshold') parts.push(plainComment(commentOf(first)));
  if (isInterface(first)) {
    const parents = first.heritageClauses?.flatMap((clause) => clause.types.map(parentText)) ?? [];
    if (parents.length > 0) parts.push(`Everything of ${parents.join(', ')}, and:`);
    parts.push(memberTable(membersOf(first)));
  } else if (isTypeAlias(first)) {
    parts.push(
      name === 'Threshold'
        ? 'Text: [thresholds](thresholds.md).'
        : codeBlock(`type ${name}${parametersOf(first)} = ${textOf([first.type])};`, 'ts'),
    );
    const members = explainedMembersOf(first);
    if (members.length > 0) parts.push(memberTable(members));
  } else {
    parts.push(memberTable(methodsOf(first)));
  }
  return paragraphs(...parts).trimEnd();
}

function parametersOf({ typeParameters }) {
  return typeParameters === undefined ? '' : `<${textOf(typeParameters)}>`;
}

/** What comments say of the members that an intersection adds; the code shows the others well enough. */
function explainedMembersOf({ type }) {
  const added = (type.types ?? []).filter((part) => part.members !== undefined);
  return added.flatMap(membersOf).filter(({ comment }) => comment !== '');
}

/** A type that is extended; `Omit<Parent, 'member' | …>` is the parent without these members. */
function parentText({ expression, typeArguments }) {
  const link = (name) => `[${code(name)}](#${name.toLowerCase()})`;
  if (expression.getText() !== 'Omit') return link(expression.getText());
  const [parent, left] = typeArguments;
  const names = textOf([left]).replaceAll("'", '').split(' | ');
  return `${link(parent.typeName.getText())} but ${names.map(code).join(', ')}`;
}

export function memberTable(members) {
  return table(
    ['member', 'type', 'is'],
    members.map(({ name, type, comment }) => [code(name), code(type), plainText(comment)]),
  );
}

/** An indented example in a comment becomes a block of code. */
function plainComment(comment) {
  return plainText(comment)
    .split(/\n\n/)
    .map((part) =>
      /^ {4}/.test(part) ? codeBlock(part.replaceAll(/^ {4}/gm, '').replaceAll('&lt;', '<'), 'ts') : part,
    )
    .join('\n\n');
}
