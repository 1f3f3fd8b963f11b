import { formatHostPort } from '../../client/connect-string.ts';
import type { Backend, Balance, Balancing } from './balancing.ts';

/** The columns of a comment. */
const WIDTH = 100;

const CHECKS = {
  srvr: 'each member is asked srvr: it has to say which part it has in a quorum',
  isro: 'each member is asked isro: it has to say that it takes writes',
  admin: 'the AdminServer of each member is asked is_read_only',
  tcp: 'a connection to the client port',
} as const;

/** What stands above the configuration. */
export function commentLines({ backends, check, left, notes }: Balancing, kind: string): string[] {
  const members = backends
    .map((backend) => `${nameOf(backend)} ${formatHostPort(backend)} (${backend.role})`)
    .join(', ');
  const paragraphs = [
    `For ZooKeeper clients, made by zksh lb ${kind}. Make it anew when the members change.`,
    `Members: ${members}.`,
    ...left.map(({ id, host, why }) => `Left out: ${id === undefined ? host : `${id} ${host}`}, ${why}.`),
    `Check: ${CHECKS[check.kind]}.`,
    ...notes,
  ];
  return [...paragraphs.flatMap((text) => folded(text)), ''];
}

export function listenText({ host, port }: Balance['listen'], every: string | undefined): string {
  if (host !== undefined) return formatHostPort({ host, port });
  return every === undefined ? `${port}` : `${every}:${port}`;
}

/** A name that every load balancer takes. */
export function nameOf({ id, host, port }: Backend): string {
  return id === undefined ? `zk-${host}-${port}`.replace(/[^\w.-]/g, '-') : `zk${id}`;
}

/** Nothing a server says may leave the comment it stands in. */
function folded(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.replace(/\s+/g, ' ').split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line !== '#') {
      lines.push(line);
      line = '#  ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
