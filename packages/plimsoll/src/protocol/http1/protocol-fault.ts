/** What can be wrong with an answer on the wire: one code and one sentence each. */

/** A breach of the protocol by the peer. Data, never thrown: a failed request is a result. */
export interface ProtocolFault {
  readonly code: ProtocolFaultCode;
  readonly message: string;
}

const messages = {
  'bad-status-line': 'the status line is not "HTTP/1.x NNN reason"',
  'bad-version': 'the answer is neither HTTP/1.0 nor HTTP/1.1',
  'bad-status': 'the status code is not a number from 100 to 999',
  'bad-reason': 'the reason phrase contains a control character',
  'bad-header-name': 'a header name is empty or contains a character that names may not have',
  'bad-header-value': 'a header value contains a control character',
  'space-before-colon': 'white space stands between a header name and its colon',
  'folded-header': 'a header line starts with white space (line folding)',
  'bare-cr': 'a carriage return is not followed by a line feed',
  'bare-lf': 'a line ends without a carriage return',
  'head-too-large': 'the head of the answer is larger than the limit',
  'too-many-headers': 'the answer has more header lines than the limit',
  'bad-content-length': 'Content-Length is not one whole number of at most 2^53 - 1',
  'conflicting-length': 'Content-Length appears more than once',
  'length-and-transfer-encoding': 'Content-Length and Transfer-Encoding appear together',
  'bad-transfer-encoding': 'Transfer-Encoding is empty, malformed, or names chunked twice',
  'transfer-encoding-in-http-1.0': 'an HTTP/1.0 answer carries Transfer-Encoding',
  'bad-chunk-size': 'a chunk size is not a hexadecimal number of at most 2^53 - 1',
  'bad-chunk-extension': 'a chunk extension contains a control character',
  'chunk-line-too-large': 'a chunk-size line is larger than the limit',
  'bad-chunk-end': 'the data of a chunk is not followed by a line break',
  'trailers-too-large': 'the trailer section is larger than the limit',
  'too-many-trailers': 'the answer has more trailer lines than the limit',
  'too-many-informational': 'too many 1xx answers came before the final one',
  truncated: 'the connection was closed before the answer was complete',
} as const;

export type ProtocolFaultCode = keyof typeof messages;

/** One shared object per code, so that a flood of broken answers costs nothing. */
const faults = new Map<ProtocolFaultCode, ProtocolFault>(
  Object.entries(messages).map(([code, message]) => [
    code as ProtocolFaultCode,
    Object.freeze({ code: code as ProtocolFaultCode, message }),
  ]),
);

export function protocolFault(code: ProtocolFaultCode): ProtocolFault {
  return faults.get(code)!;
}
