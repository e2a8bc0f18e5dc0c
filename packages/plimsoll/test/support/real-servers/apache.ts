import type { Place, ServerKind } from './private-instance.ts';

const modules = '/usr/lib/apache2/modules';
const wanted = ['mpm_event', 'authz_core', 'mime', 'filter', 'deflate', 'ssl'];

export const apache: ServerKind = {
  name: 'Apache',
  binary: 'apache2',
  accessLog: 'access.log',
  needs: () => wanted.map((name) => `${modules}/mod_${name}.so`),
  arguments: ({ root }) => ['-d', root, '-f', 'apache.conf', '-DFOREGROUND'],
  configuration: (place) => ({ 'apache.conf': configuration(place) }),
};

function configuration({ root, port, tls, keepAlive, chunked, certificate, key, isRoot }: Place): string {
  return `
${wanted.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
ServerName localhost
Listen 127.0.0.1:${port}
DefaultRuntimeDir ${root}
PidFile ${root}/apache.pid
# It refuses to answer as root.
${isRoot ? 'User nobody\nGroup nogroup' : ''}
ErrorLog ${root}/error.log
CustomLog ${root}/access.log "%h %l %u %t \\"%r\\" %>s %b"
StartServers 1
ServerLimit 4
ThreadsPerChild 25
MaxRequestWorkers 100
KeepAlive ${keepAlive ? 'On' : 'Off'}
KeepAliveTimeout 50ms
MaxKeepAliveRequests 200
TypesConfig /dev/null
AddType text/plain .txt
DocumentRoot ${root}/content
<Directory ${root}/content>
  Require all granted
</Directory>
${chunked ? 'SetOutputFilter DEFLATE' : ''}
${tls ? `SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${key}\nSSLSessionCache none` : ''}
`;
}
