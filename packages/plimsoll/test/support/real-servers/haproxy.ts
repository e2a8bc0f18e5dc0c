import type { Place, ServerKind } from './private-instance.ts';

/** In front of another server, which says whether its answers are chunked. */
export function haproxyBefore(behindPort: number): ServerKind {
  return {
    name: 'HAProxy',
    binary: 'haproxy',
    arguments: ({ root }) => ['-db', '-f', `${root}/haproxy.cfg`],
    configuration: (place) => ({ 'haproxy.cfg': configuration(place, behindPort) }),
  };
}

function configuration({ port, tls, keepAlive, certificateAndKey }: Place, behindPort: number): string {
  return `
global
  maxconn 500
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog clf
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 50ms
  ${keepAlive ? 'option http-keep-alive' : 'option httpclose'}
frontend front
  bind 127.0.0.1:${port}${tls ? ` ssl crt ${certificateAndKey}` : ''}
  default_backend behind
backend behind
  server one 127.0.0.1:${behindPort}
`;
}
