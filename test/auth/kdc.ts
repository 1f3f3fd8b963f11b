import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KerberosModule } from '../../src/auth/kerberos.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);

export const REALM = 'ZKSH.TEST';
/** Debian keeps the server's programs where the PATH of a plain user does not look. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/kerberos-binding', import.meta.url));

/** Why there can't be a KDC here, or undefined when there can. */
export async function whyNoKdc(): Promise<string | undefined> {
  for (const program of ['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit']) {
    const found = await Promise.any(PATH.split(delimiter).map((dir) => access(join(dir, program)))).then(
      () => true,
      () => false,
    );
    if (!found) return `${program} is not installed (Debian: apt-get install krb5-kdc krb5-admin-server krb5-user)`;
  }
  return undefined;
}

/** The optional package, installed apart on first use: a checkout must not need a compiler. */
export async function loadBinding(): Promise<KerberosModule> {
  const require = createRequire(join(CACHE, 'index.js'));
  try {
    return require('kerberos') as KerberosModule;
  } catch {
    await exec('npm', ['install', '--no-audit', '--no-fund', '--prefix', CACHE, 'kerberos@7'], { timeout: 240_000 });
    return require('kerberos') as KerberosModule;
  }
}

/** A Kerberos realm of its own: a real KDC on a free loopback port, its files in a temporary directory. */
export class Kdc {
  readonly dir: string;
  readonly port: number;
  #daemon: ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
  }

  static async start(): Promise<Kdc> {
    const kdc = new Kdc(await mkdtemp(join(tmpdir(), 'zksh-kdc-')), await freePort());
    try {
      await kdc.#create();
      return kdc;
    } catch (error) {
      await kdc.stop();
      throw error;
    }
  }

  /** What a client or server of this realm needs in its environment. */
  get environment(): Record<string, string> {
    return { KRB5_CONFIG: join(this.dir, 'krb5.conf'), KRB5CCNAME: `FILE:${join(this.dir, 'tickets')}` };
  }

  keytab(name: string): string {
    return join(this.dir, `${name}.keytab`);
  }

  /** Makes a principal with a random key, which is put into `keytab(file)`. */
  async addPrincipal(principal: string, file: string): Promise<void> {
    await this.#run('kadmin.local', '-q', `addprinc -randkey ${principal}`);
    await this.#run('kadmin.local', '-q', `ktadd -k ${this.keytab(file)} ${principal}`);
  }

  /** Gets a ticket into a cache of its own, and says the cache's name for KRB5CCNAME. */
  async login(principal: string, file: string, ...options: string[]): Promise<string> {
    const cache = `FILE:${join(this.dir, `tickets-${file}`)}`;
    await this.#run('kinit', '-c', cache, ...options, '-k', '-t', this.keytab(file), principal);
    return cache;
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null) {
      daemon.kill('SIGKILL');
      await once(daemon, 'exit');
    }
    await rm(this.dir, { recursive: true, force: true });
  }

  async #create(): Promise<void> {
    const at = (name: string) => join(this.dir, name);
    await writeFile(
      at('krb5.conf'),
      `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${this.port}
  }
[domain_realm]
  localhost = ${REALM}
`,
    );
    await writeFile(
      at('kdc.conf'),
      `[kdcdefaults]
  kdc_listen = 127.0.0.1:${this.port}
  kdc_tcp_listen = 127.0.0.1:${this.port}
[realms]
  ${REALM} = {
    database_name = ${at('principals')}
    key_stash_file = ${at('stash')}
    acl_file = ${at('kadm5.acl')}
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = FILE:${at('kdc.log')}
  admin_server = FILE:${at('kadmin.log')}
`,
    );
    await writeFile(at('kadm5.acl'), '');
    await this.#run('kdb5_util', 'create', '-s', '-r', REALM, '-P', 'not a secret');
    this.#daemon = spawn('krb5kdc', ['-n', '-P', at('pid')], { env: this.#env(), stdio: 'ignore' });
    await until('the KDC listens', () => answers(this.port));
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    const log = async () => readFile(join(this.dir, 'kdc.log'), 'utf8').catch(() => '');
    await exec(program, args, { env: this.#env() }).catch(async (error: unknown) => {
      throw new Error(`${(error as Error).message}\n${await log()}`);
    });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH, ...this.environment, KRB5_KDC_PROFILE: join(this.dir, 'kdc.conf') };
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
