/** Status lines: versions, codes, reasons, and what stands in front of them. */
import { broken, cut, head, whole } from '../response-case.ts';
import type { ResponseCase } from '../response-case.ts';

const end = 'Content-Length: 0\r\n\r\n';

export const statusLineCases: readonly ResponseCase[] = [
  whole('the plainest answer', `HTTP/1.1 200 OK\r\n${end}`, { body: '', keepAlive: true }),
  whole('HTTP/1.0 closes', `HTTP/1.0 200 OK\r\n${end}`, { keepAlive: false }),
  whole('no reason, with its space', `HTTP/1.1 200 \r\n${end}`),
  whole('no reason and no space', `HTTP/1.1 200\r\n${end}`),
  whole('a reason of several words', `HTTP/1.1 404 Not Found Here\r\n${end}`, { status: 404 }),
  whole('a reason with a tab', `HTTP/1.1 200 O\tK\r\n${end}`),
  whole('a reason in obs-text', `HTTP/1.1 200 \xe9t\xe9\r\n${end}`),
  whole('a reason that looks like a header', `HTTP/1.1 200 Content-Length: 9\r\n${end}`, { body: '' }),
  whole('spaces before the reason', `HTTP/1.1 200   OK\r\n${end}`),
  whole('status 100 + n that nobody knows: 299', `HTTP/1.1 299 Whatever\r\n${end}`, { status: 299 }),
  whole('status 599', `HTTP/1.1 599 X\r\n${end}`, { status: 599 }),
  whole('status 999', `HTTP/1.1 999 X\r\n${end}`, { status: 999 }),
  whole('a redirect', head('HTTP/1.1 302 Found', 'Location: /there', 'Content-Length: 0'), {
    status: 302,
    headers: { location: '/there' },
  }),

  cut('nothing at all', ''),
  cut('one letter', 'H'),
  cut('half a version', 'HTTP/1.'),
  cut('half a status', 'HTTP/1.1 20'),
  cut('no line break after the status', 'HTTP/1.1 200'),
  cut('half a reason', 'HTTP/1.1 200 O'),
  cut('CR without its LF', 'HTTP/1.1 200 OK\r'),
  cut('a status line alone', 'HTTP/1.1 200 OK\r\n'),

  broken('lower-case protocol', `http/1.1 200 OK\r\n${end}`, 'bad-status-line'),
  broken('another protocol', `ICY 200 OK\r\n${end}`, 'bad-status-line'),
  broken('another protocol with the same length', `RTSP/1.0 200 OK\r\n${end}`, 'bad-status-line', {
    differs: 'other-protocol',
  }),
  broken('the banner of an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad-status-line'),
  broken('a TLS alert', '\x15\x03\x01\x00\x02\x02\x46', 'bad-status-line'),
  broken('HTML without a head (HTTP/0.9)', '<html></html>', 'bad-status-line'),
  broken('a space before the protocol', ` HTTP/1.1 200 OK\r\n${end}`, 'bad-status-line'),
  broken('a blank line before the answer', `\r\nHTTP/1.1 200 OK\r\n${end}`, 'bad-status-line', {
    differs: 'blank-line-before-answer',
  }),
  broken('a line feed before the answer', `\nHTTP/1.1 200 OK\r\n${end}`, 'bad-status-line', {
    differs: 'blank-line-before-answer',
  }),
  broken('HTTP/2.0', `HTTP/2.0 200 OK\r\n${end}`, 'bad-version', { differs: 'other-version' }),
  broken('HTTP/0.9', `HTTP/0.9 200 OK\r\n${end}`, 'bad-version', { differs: 'other-version' }),
  broken('HTTP/1.2', `HTTP/1.2 200 OK\r\n${end}`, 'bad-version'),
  broken('half of HTTP/3.0', 'HTTP/3.', 'bad-version', { differs: 'other-version' }),
  broken('HTTP/3.0', `HTTP/3.0 200 OK\r\n${end}`, 'bad-version'),
  broken('a minor version of two digits', `HTTP/1.10 200 OK\r\n${end}`, 'bad-version'),
  broken('no minor version', `HTTP/1 200 OK\r\n${end}`, 'bad-version'),
  broken('a letter as version', `HTTP/x.1 200 OK\r\n${end}`, 'bad-version'),
  broken('two spaces before the status', `HTTP/1.1  200 OK\r\n${end}`, 'bad-status'),
  broken('a tab before the status', `HTTP/1.1\t200 OK\r\n${end}`, 'bad-status-line'),
  broken('no status', `HTTP/1.1\r\n${end}`, 'bad-status-line'),
  broken('a status of two digits', `HTTP/1.1 20 OK\r\n${end}`, 'bad-status'),
  broken('a status of four digits', `HTTP/1.1 2000 OK\r\n${end}`, 'bad-status'),
  broken('a letter in the status', `HTTP/1.1 2o0 OK\r\n${end}`, 'bad-status'),
  broken('a sign before the status', `HTTP/1.1 -20 OK\r\n${end}`, 'bad-status'),
  broken('a tab after the status', `HTTP/1.1 200\tOK\r\n${end}`, 'bad-status'),
  broken('status 000', `HTTP/1.1 000 OK\r\n${end}`, 'bad-status', { differs: 'status-below-100' }),
  broken('status 099', `HTTP/1.1 099 OK\r\n${end}`, 'bad-status', { differs: 'status-below-100' }),
  broken('NUL in the reason', `HTTP/1.1 200 O\0K\r\n${end}`, 'bad-reason', { differs: 'control-in-reason' }),
  broken('DEL in the reason', `HTTP/1.1 200 O\x7fK\r\n${end}`, 'bad-reason', { differs: 'control-in-reason' }),
  broken('an escape sequence in the reason', `HTTP/1.1 200 \x1b[31m\r\n${end}`, 'bad-reason', {
    differs: 'control-in-reason',
  }),
  broken('a bare LF after the reason', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', 'bare-lf'),
  broken('a bare LF after the status', 'HTTP/1.1 200\nContent-Length: 0\n\n', 'bare-lf'),
  broken('a bare CR in the reason', `HTTP/1.1 200 O\rK\r\n${end}`, 'bare-cr'),
  broken('two CR instead of CR LF', `HTTP/1.1 200 OK\r\r${end}`, 'bare-cr', { differs: 'two-cr-after-status-line' }),
  broken('two CR after the reason', `HTTP/1.1 200 OK\r\r\n${end}`, 'bare-cr'),
];
