import type { Place, ServerKind } from './private-instance.ts';

export const nginx: ServerKind = {
  name: 'nginx',
  binary: 'nginx',
  accessLog: 'access.log',
  arguments: ({ root }) => ['-p', root, '-c', 'nginx.conf', '-e', 'error.log'],
  configuration: (place) => ({ 'nginx.conf': configuration(place) }),
};

/** One process in the foreground: it needs no other user, and nothing is left when it is killed. */
function configuration({ port, tls, keepAlive, chunked, certificate, key }: Place): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  access_log access.log;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  types { text/plain txt; }
  keepalive_timeout ${keepAlive ? '50ms' : '0'};
  keepalive_requests 200;
  # Compressed while it is sent, so that its length is not known beforehand.
  gzip ${chunked ? 'on' : 'off'};
  gzip_min_length 1;
  gzip_types text/plain;
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${certificate}; ssl_certificate_key ${key};` : ''}
    root content;
  }
}
`;
}
