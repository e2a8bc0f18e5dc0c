/** 1xx answers, upgrades, CONNECT, and whether the connection lives on. */
import { maxInformational } from '../../../src/protocol/http1/response-parser.ts';
import { broken, cut, head, upgraded, whole, withHeaders } from '../response-case.ts';
import type { ResponseCase } from '../response-case.ts';

const final = withHeaders();
const go = head('HTTP/1.1 100 Continue');
const v10 = (...lines: string[]): string => head('HTTP/1.0 200 OK', ...lines, 'Content-Length: 0');

export const connectionCases: readonly ResponseCase[] = [
  whole('100 before the answer', go + final, { body: 'ok', informational: [100] }),
  whole('102, then 103 before the answer', head('HTTP/1.1 102 P') + head('HTTP/1.1 103 E', 'Link: </a>') + final, {
    body: 'ok',
    informational: [102, 103],
  }),
  whole('thirty times 102', head('HTTP/1.1 102 P').repeat(30) + final, {
    informational: Array.from({ length: 30 }, () => 102),
  }),
  whole('a 1xx that nobody knows', head('HTTP/1.1 199 X') + final, { informational: [199] }),
  whole('1xx before a HEAD answer', go + head('HTTP/1.1 200 OK', 'Content-Length: 2'), {
    method: 'HEAD',
    body: '',
    informational: [100],
  }),
  whole('the length of a 100 says nothing', head('HTTP/1.1 100 C', 'Content-Length: 3') + final, {
    body: 'ok',
    informational: [100],
  }),
  whole('the length of a 110 says nothing', head('HTTP/1.1 110 X', 'Content-Length: 3') + final, {
    body: 'ok',
    informational: [110],
    differs: 'body-of-informational',
  }),
  whole('a coding of a 110 says nothing', head('HTTP/1.1 110 X', 'Transfer-Encoding: chunked') + final, {
    body: 'ok',
    informational: [110],
    differs: 'body-of-informational',
  }),
  whole('close in a 100 says nothing', head('HTTP/1.1 100 C', 'Connection: close') + final, {
    body: 'ok',
    keepAlive: true,
    informational: [100],
    differs: 'close-in-informational',
  }),
  whole('a 100 in HTTP/1.0', head('HTTP/1.0 100 C') + final, {
    body: 'ok',
    informational: [100],
    differs: 'close-in-informational',
  }),
  cut('100 and then nothing', go, { informational: [100] }),
  cut('100 and half a head', `${go}HTTP/1.1 2`, { informational: [100] }),
  broken('a broken 100', head('HTTP/1.1 100 C', 'A : b') + final, 'space-before-colon'),
  broken('a broken answer after 100', `${go}HTTP/1.1 2x0 OK\r\n\r\n`, 'bad-status', { informational: [100] }),
  broken('1xx without end', go.repeat(maxInformational + 1), 'too-many-informational', { differs: 'limits' }),

  upgraded('101', head('HTTP/1.1 101 S', 'Upgrade: websocket', 'Connection: Upgrade') + '\x81\x02hi', {
    status: 101,
    rest: '\x81\x02hi',
  }),
  upgraded('101 after 100', go + head('HTTP/1.1 101 S', 'Upgrade: x', 'Connection: upgrade') + 'x', {
    status: 101,
    rest: 'x',
    informational: [100],
  }),
  upgraded('101 without an Upgrade field', head('HTTP/1.1 101 S') + 'x', { status: 101, rest: 'x' }),
  upgraded('the length of a 101 says nothing', head('HTTP/1.1 101 S', 'Content-Length: 3') + 'abc', {
    status: 101,
    rest: 'abc',
  }),
  whole('an Upgrade that is only offered', withHeaders('Upgrade: h2c', 'Connection: Upgrade'), {
    body: 'ok',
    keepAlive: true,
  }),
  upgraded('CONNECT 200', head('HTTP/1.1 200 Connection established') + 'tls', {
    method: 'CONNECT',
    status: 200,
    body: '',
    rest: 'tls',
  }),
  upgraded('CONNECT 200 with a length', head('HTTP/1.1 200 OK', 'Content-Length: 5') + 'tls', {
    method: 'CONNECT',
    status: 200,
    rest: 'tls',
  }),
  upgraded('CONNECT 200 with chunked', head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + 'tls', {
    method: 'CONNECT',
    status: 200,
    rest: 'tls',
  }),
  upgraded('CONNECT 200 in HTTP/1.0', head('HTTP/1.0 200 Connection established') + 'tls', {
    method: 'CONNECT',
    status: 200,
    rest: 'tls',
  }),
  upgraded('CONNECT 200 with framing that is ignored', head('HTTP/1.1 200 OK', 'Content-Length: x') + 'tls', {
    method: 'CONNECT',
    status: 200,
    rest: 'tls',
    differs: 'framing-of-connect',
  }),
  whole('CONNECT refused, with a body', head('HTTP/1.1 407 Auth', 'Content-Length: 2') + 'no', {
    method: 'CONNECT',
    status: 407,
    body: 'no',
    keepAlive: true,
  }),
  whole('CONNECT refused, until close', head('HTTP/1.1 502 Bad Gateway') + 'no', {
    method: 'CONNECT',
    status: 502,
    body: 'no',
  }),

  whole('close', withHeaders('Connection: close'), { keepAlive: false }),
  whole('close in capitals', withHeaders('CONNECTION: CLOSE'), { keepAlive: false }),
  whole('close among others', withHeaders('Connection: upgrade, close'), { keepAlive: false }),
  whole('close on a second line', withHeaders('Connection: x', 'Connection: close'), { keepAlive: false }),
  whole('closed is not close', withHeaders('Connection: closed'), { keepAlive: true }),
  whole('keep-alive in HTTP/1.1', withHeaders('Connection: keep-alive'), { keepAlive: true }),
  whole('close wins over keep-alive', withHeaders('Connection: keep-alive, close'), { keepAlive: false }),
  whole('a list with holes', withHeaders('Connection: , ,close ,'), { keepAlive: false }),
  whole('HTTP/1.0 with keep-alive', v10('Connection: Keep-Alive'), { keepAlive: true }),
  whole('HTTP/1.0 with keep-alive and close', v10('Connection: keep-alive, close'), {
    keepAlive: false,
    differs: 'close-and-keep-alive',
  }),
  whole('Proxy-Connection says nothing', withHeaders('Proxy-Connection: close'), {
    keepAlive: true,
    differs: 'proxy-connection',
  }),
];
