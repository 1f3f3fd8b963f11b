import { afterAll, beforeAll } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from './ensembles.ts';
import { type Place, type Ran, runCommand } from './run-command.ts';

/** An empty tree on a server that others use too, and ways to run commands in it. */
export interface ChrootBench {
  /** The session that `shell` runs commands on. */
  readonly client: Client;
  /** Connect string, chroot included. */
  readonly servers: string;
  /** Runs a command as the shell does: on the session, with a current path. */
  shell(Class: unknown, argv: readonly string[], place?: Place): Promise<Ran>;
  /** Runs a command as a process of its own does: on a connection of its own. */
  alone(Class: unknown, argv: readonly string[], place?: Place): Promise<Ran>;
  /** What `get` would print, or undefined where there is no znode. */
  text(path: string): Promise<string | null | undefined>;
  /** Every path there is, but the root. */
  tree(): Promise<string[]>;
}

/** To be called in the body of a describe block: a chroot named after what is tested, on the shared standalone server. */
export function useChroot(name: string): ChrootBench {
  let client: Client | undefined;
  let servers = '';
  const root = `/chroot-${name}`;
  beforeAll(async () => {
    const { connectString } = await sharedEnsemble('standalone');
    servers = connectString + root;
    const outside = await connect(connectString);
    await outside.create(root);
    await outside.close();
    client = await connect(servers);
  });
  afterAll(() => client?.close());
  const session = () => {
    if (client === undefined) throw new Error('the session is only there inside tests and hooks');
    return client;
  };
  return {
    get client() {
      return session();
    },
    get servers() {
      return servers;
    },
    shell: (Class, argv, place = {}) => runCommand(Class, argv, { cwd: '/', session: async () => session(), ...place }),
    alone: (Class, argv, place = {}) => runCommand(Class, ['-S', servers, ...argv], place),
    text: async (path) => {
      if ((await session().exists(path)) === undefined) return undefined;
      return (await session().getData(path)).data?.toString() ?? null;
    },
    tree: () => below(session(), '/'),
  };
}

async function below(client: Client, path: string): Promise<string[]> {
  const { children } = await client.getChildren(path);
  const found: string[] = [];
  for (const name of children.sort()) {
    const child = path === '/' ? `/${name}` : `${path}/${name}`;
    found.push(child, ...(await below(client, child)));
  }
  return found;
}
