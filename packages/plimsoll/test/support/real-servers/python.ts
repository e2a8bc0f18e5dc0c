import type { Place, ServerKind } from './private-instance.ts';

/** Debian's own, wherever another Python may stand in PATH. It logs to standard error. */
export const python: ServerKind = {
  name: "Python's http.server",
  binary: '/usr/bin/python3',
  accessLog: '',
  arguments: ({ root }) => ['-u', `${root}/serve.py`],
  configuration: (place) => ({ 'serve.py': program(place) }),
};

/** HTTP/1.0 ends the connection after each answer; 1.1 keeps it. Its own answers are never chunked; we add that. */
function program({ root, port, tls, keepAlive, chunked, certificate, key }: Place): string {
  return `
import functools, http.server, ssl

class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.${keepAlive || chunked ? 1 : 0}"

    def do_GET(self):
        if not ${chunked ? 'True' : 'False'}:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        ${keepAlive ? '' : 'self.send_header("Connection", "close")'}
        self.end_headers()
        with open("${root}/content" + self.path, "rb") as file:
            while piece := file.read(4000):
                self.wfile.write(b"%x\\r\\n" % len(piece) + piece + b"\\r\\n")
        self.wfile.write(b"0\\r\\n\\r\\n")

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256

server = Server(("127.0.0.1", ${port}), functools.partial(Handler, directory="${root}/content"))
if ${tls ? 'True' : 'False'}:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("${certificate}", "${key}")
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`;
}
