import { formatHostPort } from '../../client/connect-string.ts';
import type { Balancing } from './balancing.ts';
import { commentLines, listenText, nameOf } from './wording.ts';

/** The `stream` block of an nginx.conf. Free nginx has no active checks, whatever the members would answer. */
export function nginxConfig(balancing: Balancing): string {
  const { backends, idleTimeout, listen } = balancing;
  return `${[
    ...commentLines(
      {
        ...balancing,
        check: { ...balancing.check, kind: 'tcp', notes: [] },
        notes: [
          ...balancing.notes.filter((note) => !balancing.check.notes.includes(note)),
          'nginx without a subscription only sees connections that fail: a member that listens without a quorum gets clients, closes their connections, and is left out for fail_timeout only when it refuses them. HAProxy and Envoy ask the members.',
          'It needs the stream module (Debian: libnginx-mod-stream), and stands beside the http block, not in it.',
        ],
      },
      'nginx',
    ),
    'stream {',
    '    upstream zookeeper {',
    '        least_conn;',
    ...backends.map(
      (backend) => `        server ${formatHostPort(backend)} max_fails=2 fail_timeout=10s; # ${nameOf(backend)}`,
    ),
    '    }',
    '    server {',
    `        listen ${listenText(listen, undefined)};`,
    '        proxy_pass zookeeper;',
    '        proxy_connect_timeout 4s;',
    '        # Twice the longest session timeout: what is silent longer is dead.',
    `        proxy_timeout ${Math.ceil(idleTimeout / 1000)}s;`,
    '    }',
    '}',
  ].join('\n')}\n`;
}
