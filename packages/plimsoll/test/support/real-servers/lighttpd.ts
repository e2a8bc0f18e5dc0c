import { largeText, smallText, type Place, type ServerKind } from './private-instance.ts';

export const lighttpd: ServerKind = {
  name: 'lighttpd',
  binary: 'lighttpd',
  accessLog: 'access.log',
  needs: ({ tls }) => (tls ? ['/usr/lib/lighttpd/mod_openssl.so'] : []),
  arguments: ({ root }) => ['-D', '-f', `${root}/lighttpd.conf`],
  configuration: (place) => ({ 'lighttpd.conf': configuration(place), ...(place.chunked && programs(place)) }),
};

function configuration({ root, port, tls, keepAlive, chunked, certificate, key }: Place): string {
  return `
server.modules = ( "mod_accesslog", "mod_cgi"${tls ? ', "mod_openssl"' : ''} )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${root}/content"
server.errorlog = "${root}/error.log"
accesslog.filename = "${root}/access.log"
mimetype.assign = ( ".txt" => "text/plain" )
server.max-keep-alive-idle = 1
server.max-keep-alive-requests = ${keepAlive ? 200 : 0}
# Sent on as it comes from the program, so that its length is not known beforehand.
server.stream-response-body = 1
${chunked ? 'cgi.assign = ( ".txt" => "/bin/sh" )' : ''}
${tls ? `ssl.engine = "enable"\nssl.pemfile = "${certificate}"\nssl.privkey = "${key}"` : ''}
`;
}

/** What is served as files otherwise is told by a program. */
function programs({ root }: Place): Record<string, string> {
  const tell = (name: string): string =>
    `printf 'Content-Type: text/plain\\r\\n\\r\\n'\ncat ${root}/original/${name}\n`;
  return {
    'original/small.txt': smallText,
    'original/large.txt': largeText,
    'content/small.txt': tell('small.txt'),
    'content/large.txt': tell('large.txt'),
  };
}
