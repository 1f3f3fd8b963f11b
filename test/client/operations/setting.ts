import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import { digestMd5 } from '../../../src/auth/digest-md5.ts';
import type { Client } from '../../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../../src/client/connect.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble } from '../../support/ensembles.ts';

/** Where the operations are tried: what runs, and how one connects to it. */
export interface Setting {
  name: string;
  ensemble(): Promise<TestEnsemble>;
  /** What goes with the connection string. */
  options?(ensemble: TestEnsemble): Promise<ConnectOptions>;
  secure?: boolean;
  /** Everything happens below a chroot. */
  chroot?: boolean;
  /** Who the server takes a session of this setting for, beside its address. */
  identity?: { scheme: string; id: RegExp };
}

const sasl = async ({ sasl: user }: TestEnsemble): Promise<ConnectOptions> => {
  const password = (await readFile(user!.secretFile, 'utf8')).trim();
  return { sasl: digestMd5({ username: user!.username, password }) };
};

export const SETTINGS: readonly Setting[] = [
  { name: 'a standalone server', ensemble: () => sharedEnsemble('standalone') },
  { name: 'a standalone server, below a chroot', ensemble: () => sharedEnsemble('standalone'), chroot: true },
  { name: 'an ensemble of three', ensemble: () => sharedEnsemble('three') },
  {
    name: 'a server behind TLS',
    ensemble: () => sharedEnsemble('tls'),
    options: async ({ tls }) => ({ tls }),
    secure: true,
    identity: { scheme: 'x509', id: /./ },
  },
  {
    name: 'a server with SASL DIGEST-MD5',
    ensemble: () => sharedEnsemble('sasl'),
    options: sasl,
    identity: { scheme: 'sasl', id: /^zksh$/ },
  },
];

export function release(version: string): Setting {
  return { name: `ZooKeeper ${version}`, ensemble: () => sharedRelease(version) };
}

/** What every test of a setting finds. */
export interface Stage {
  readonly client: Client;
  /** A fresh znode of the test's own. */
  readonly root: string;
  readonly ensemble: TestEnsemble;
  /** Another session, closed with the test. */
  session(options?: ConnectOptions & { chroot?: string }): Promise<Client>;
  /** Whether the server is of that release or later. */
  has(since: string): boolean;
  /** The call works from that release on; before it, it fails with one clear error. */
  since<T>(version: string, call: () => Promise<T>): Promise<T | undefined>;
}

let counter = 0;

/** Called in a describe block: gives the stage to its tests. */
export function useStage(setting: Setting): Stage {
  let ensemble: TestEnsemble;
  let options: ConnectOptions;
  let base = '';
  let client: Client;
  let root: string;

  const servers = () => (setting.secure ? ensemble.secureConnectString! : ensemble.connectString);
  const open = (chroot: string, more: ConnectOptions = {}) =>
    connect(`${servers()}${chroot}`, { ...options, requestTimeout: 30_000, ...more });

  async function session({ chroot = base, ...more }: ConnectOptions & { chroot?: string } = {}): Promise<Client> {
    const opened = await open(chroot, more);
    onTestFinished(() => opened.close());
    return opened;
  }

  beforeAll(async () => {
    ensemble = await setting.ensemble();
    options = (await setting.options?.(ensemble)) ?? {};
    if (!setting.chroot) return;
    base = '/operations-chroot';
    const plain = await open('');
    if ((await plain.exists(base)) === undefined) await plain.create(base);
    await plain.close();
  });
  beforeEach(async () => {
    client = await session();
    counter += 1;
    root = (await client.create(`/operations-${process.pid}-${counter}`)).path;
  });

  const has = (since: string) => atLeast(ensemble.version, since);
  return {
    get client() {
      return client;
    },
    get root() {
      return root;
    },
    get ensemble() {
      return ensemble;
    },
    session,
    has,
    async since(version, call) {
      if (has(version)) return call();
      await expect(call()).rejects.toMatchObject({
        code: 'UNIMPLEMENTED',
        hint: expect.stringContaining(version.replace(/\.0$/, '')),
      });
      return undefined;
    },
  };
}

function atLeast(version: string, since: string): boolean {
  const [a, b] = [version, since].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  for (const [i, wanted] of b!.entries()) if (a![i] !== wanted) return (a![i] ?? 0) > wanted;
  return true;
}
