import { formatHostPort } from '../../client/connect-string.ts';
import type { Backend, Balancing } from './balancing.ts';
import { commentLines, listenText, nameOf } from './wording.ts';

/** haproxy.cfg, for HAProxy 2.2 and later. */
export function haproxyConfig(balancing: Balancing): string {
  const { backends, idleTimeout } = balancing;
  const idle = `${Math.ceil(idleTimeout / 1000)}s`;
  return `${[
    ...commentLines(balancing, 'haproxy'),
    'defaults',
    '    mode tcp',
    '    timeout connect 4s',
    '    timeout check 4s',
    '    # Twice the longest session timeout: what is silent longer is dead.',
    `    timeout client ${idle}`,
    `    timeout server ${idle}`,
    '',
    'frontend zookeeper',
    `    bind ${listenText(balancing.listen, '*')}`,
    '    default_backend zookeeper',
    '',
    'backend zookeeper',
    '    balance leastconn',
    ...checkLines(balancing),
    '    # A member that stops serving loses its connections at once, so that sessions move before they expire.',
    '    default-server check inter 2s fall 2 rise 2 on-marked-down shutdown-sessions',
    ...backends.map(
      (backend) => `    server ${nameOf(backend)} ${formatHostPort(backend)}${adminPort(backend, balancing)}`,
    ),
  ].join('\n')}\n`;
}

function checkLines({ check }: Balancing): string[] {
  const expect = (check.expect ?? '').replaceAll(' ', '\\ ').replaceAll('"', '\\"');
  if (check.kind === 'tcp') return [];
  if (check.kind === 'admin') {
    return [
      '    option httpchk',
      '    http-check send meth GET uri /commands/is_read_only',
      `    http-check expect rstring ${expect}`,
    ];
  }
  return ['    option tcp-check', `    tcp-check send ${check.send}`, `    tcp-check expect rstring ${expect}`];
}

function adminPort({ admin, host }: Backend, { check }: Balancing): string {
  if (check.kind !== 'admin' || admin === undefined) return '';
  return `${admin.host === host ? '' : ` addr ${admin.host}`} port ${admin.port}`;
}
