import type { Client } from '../../src/client/client.ts';
import { type Acl, formatAcl } from '../../src/protocol/acl.ts';

/** One znode in words: what a copy has to have too. */
export type Picture = Record<string, string>;

/** Every znode at and below `root`, by its path from there: read with plain requests, without the walker. */
export async function picture(client: Client, root: string): Promise<Picture> {
  const found: Picture = {};
  const look = async (path: string, place: string): Promise<void> => {
    const { data, stat } = await client.getData(path);
    const { acl } = await client.getAcl(path);
    const kind = stat.ephemeralOwner === 0n ? 'stays' : 'ephemeral';
    found[place] = `${data === null ? 'null' : data.toString('base64')} ${kind} ${formatAcl(acl)}`;
    const { children } = await client.getChildren(path);
    const below = (parent: string, name: string) => (parent === '/' ? `/${name}` : `${parent}/${name}`);
    await Promise.all(children.map((name) => look(below(path, name), below(place, name))));
  };
  await look(root, '/');
  return found;
}

const WORLD = { scheme: 'world', id: 'anyone' };

/** ACLs of every scheme that a server takes without asking who we are; each lets anyone read, create, delete, set. */
const ACLS: readonly (readonly Acl[])[] = [
  [{ perms: 31, ...WORLD }],
  [
    { perms: 31, ...WORLD },
    { perms: 1, scheme: 'ip', id: '10.1.2.3' },
  ],
  [
    { perms: 8, scheme: 'digest', id: 'ops:AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
    { perms: 31, ...WORLD },
  ],
];

const NAMES = [
  'plain',
  'a',
  'a-b',
  'a.b',
  'a!',
  'with space',
  'ünï',
  '中文',
  '%41',
  '"quote"',
  "it's",
  '\\back',
  'zookeeper',
];

/** Plants a tree of every kind of znode but ephemerals, every ACL and odd names. @returns how many znodes */
export async function plantAll(
  client: Client,
  root: string,
  server: 'since 3.5' | '3.4' = 'since 3.5',
): Promise<number> {
  await client.create(root, 'the root');
  let count = 1;
  const put = async (path: string, ...rest: [data: Uint8Array | string | null, options?: object]): Promise<void> => {
    const acl = ACLS[count % ACLS.length] ?? [];
    await client.create(path, rest[0], { acl, ...rest[1] });
    count += 1;
  };
  for (const [i, name] of NAMES.entries()) {
    await put(`${root}/${name}`, i % 3 === 0 ? null : i % 3 === 1 ? '' : Buffer.from([0, 255, i, 128]));
    await put(`${root}/${name}/${name}`, name);
    await put(`${root}/${name}/x`, 'x'.repeat(i * 1000));
  }
  await put(`${root}/container`, 'c', server === '3.4' ? {} : { mode: 'container' });
  await put(`${root}/container/in`, null);
  await put(`${root}/ttl`, 't', server === '3.4' ? {} : { mode: 'persistent_with_ttl', ttl: 999_999_999n });
  for (let i = 0; i < 3; i++) await put(`${root}/queue-`, `${i}`, { mode: 'persistent_sequential' });
  return count;
}
