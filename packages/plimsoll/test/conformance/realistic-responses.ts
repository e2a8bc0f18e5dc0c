/** Answers as real servers send them: what the mutations start from. */

export interface RealisticResponse {
  readonly method: string;
  readonly text: string;
}

const crlf = (lines: readonly string[]): string => lines.join('\r\n');
const json = '{"id":17,"name":"Ada","tags":["a","b"]}';

export const realisticResponses: readonly RealisticResponse[] = [
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 200 OK',
      'Server: nginx/1.22.1',
      'Date: Mon, 02 Mar 2026 10:00:00 GMT',
      'Content-Type: text/plain',
      'Content-Length: 26',
      'Last-Modified: Sun, 01 Mar 2026 10:00:00 GMT',
      'Connection: keep-alive',
      'ETag: "69a40000-1a"',
      'Accept-Ranges: bytes',
      '',
      'abcdefghijklmnopqrstuvwxyz',
    ]),
  },
  {
    method: 'POST',
    text: crlf([
      'HTTP/1.1 201 Created',
      'X-Powered-By: Express',
      'Location: /users/17',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${json.length}`,
      'Set-Cookie: sid=s%3Aabc; Path=/; HttpOnly',
      'Set-Cookie: theme=dark; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
      'Connection: keep-alive',
      'Keep-Alive: timeout=5',
      '',
      json,
    ]),
  },
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 200 OK',
      'Content-Type: text/html',
      'Transfer-Encoding: chunked',
      'Vary: Accept-Encoding',
      '',
      '1a',
      'abcdefghijklmnopqrstuvwxyz',
      '5',
      'hello',
      '0',
      '',
      '',
    ]),
  },
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 200 OK',
      'Trailer: X-Checksum',
      'Transfer-Encoding: gzip, chunked',
      '',
      '7;name=value;quoted="a b"',
      'chunked',
      'A;last',
      '0123456789',
      '0',
      'X-Checksum: 5d41402a',
      'X-Took: 12ms',
      '',
      '',
    ]),
  },
  {
    method: 'POST',
    text: crlf([
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 103 Early Hints',
      'Link: </a.css>; rel=preload',
      '',
      'HTTP/1.1 200 OK',
      'Content-Length: 2',
      '',
      'ok',
    ]),
  },
  {
    method: 'GET',
    text: crlf(['HTTP/1.0 200 OK', 'Server: SimpleHTTP/0.6', 'Connection: close', '', 'until the end']),
  },
  {
    method: 'GET',
    text: crlf(['HTTP/1.0 200 OK', 'Connection: Keep-Alive', 'Content-Length: 4', '', 'fourHTTP/1.1 200 OK']),
  },
  { method: 'DELETE', text: crlf(['HTTP/1.1 204 No Content', 'Server: envoy', 'x-request-id: 1f', '', '']) },
  { method: 'GET', text: crlf(['HTTP/1.1 304 Not Modified', 'ETag: "a"', 'Content-Length: 26', '', '']) },
  {
    method: 'HEAD',
    text: crlf(['HTTP/1.1 200 OK', 'Content-Length: 1234', 'Content-Encoding: br', 'Connection: close', '', '']),
  },
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 302 Found',
      'Location: https://example.test/login?next=%2F',
      'Content-Length: 0',
      'Connection: close, TE',
      '',
      '',
    ]),
  },
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      '',
      '\x81\x05hello',
    ]),
  },
  {
    method: 'CONNECT',
    text: crlf(['HTTP/1.1 200 Connection established', 'Proxy-Agent: squid', '', '\x16\x03\x03\x00\x2a']),
  },
  {
    method: 'CONNECT',
    text: crlf(['HTTP/1.1 407 Proxy Authentication Required', 'Content-Length: 6', '', 'denied']),
  },
  {
    method: 'GET',
    text: crlf([
      'HTTP/1.1 500 Internal Server Error',
      'content-type: text/plain',
      '',
      'Something broke \xe2\x80\x94 sorry',
    ]),
  },
];
