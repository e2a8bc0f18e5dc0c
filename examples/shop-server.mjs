// The service under test of the demo: a shop that takes a good tenth of a second for each answer.
import { createServer } from 'node:http';

const product = (id) => ({ id, name: `Product ${id}`, price: 9.99 });
let orders = 0;

/** 'METHOD /path' → how long it takes, and the answer. */
const routes = [
  [/^GET \/health$/, 0, () => [200, { ok: true }]],
  [/^GET \/products(\?|$)/, 250, () => [200, Array.from({ length: 10 }, (_, index) => product(index + 1))]],
  [/^GET \/products\/(\d+)$/, 180, ([, id]) => [200, product(Number(id))]],
  [/^POST \/login$/, 50, () => [200, { token: 'a-token' }]],
  [
    /^POST \/orders$/,
    300,
    (_, request) =>
      request.headers.authorization === 'Bearer a-token' ? [201, { order: ++orders }] : [401, { error: 'sign in' }],
  ],
];

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const line = `${request.method} ${request.url}`;
    const [pattern, milliseconds, answer] = routes.find(([known]) => known.test(line)) ?? [
      /^/,
      0,
      () => [404, { error: 'not found' }],
    ];
    setTimeout(() => {
      const [status, body] = answer(pattern.exec(line), request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }, milliseconds);
  });
});

server.listen(4870, '127.0.0.1');
