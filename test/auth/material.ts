import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The password of every store and key made here that has one. */
export const PASSWORD = 'chang€-it';
/** keytool can't be given characters beyond ASCII on every system's command line; its stores have this one. */
export const STORE_PASSWORD = 'changeit';

/** A directory of certificates made by the real openssl and keytool, removed when disposed of. */
export class Material {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(): Promise<Material> {
    return new Material(await mkdtemp(join(tmpdir(), 'zksh-tls-')));
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  async write(name: string, ...parts: string[]): Promise<string> {
    await writeFile(this.path(name), parts.join(''));
    return this.path(name);
  }

  /** Joins files into one, as PEM stores are made. */
  async join(name: string, ...parts: string[]): Promise<string> {
    return this.write(name, ...(await Promise.all(parts.map((part) => this.read(part)))));
  }

  async openssl(...args: string[]): Promise<void> {
    await exec('openssl', args, { cwd: this.dir });
  }

  async keytool(...args: string[]): Promise<void> {
    await exec('keytool', args, { cwd: this.dir });
  }

  /** A self-signed CA: NAME.pem and NAME.key. */
  async authority(name: string): Promise<void> {
    await this.openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/O=zksh tests/CN=${name}`],
    );
  }

  /** A certificate NAME.pem with its key NAME.key (PKCS 8), signed by an authority made before. */
  async issue(name: string, ca: string, options: { san?: string; rsa?: boolean; isCa?: boolean } = {}): Promise<void> {
    const algorithm = options.rsa ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    await this.openssl(
      ...['req', '-newkey', ...algorithm, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`],
      ...['-subj', `/O=zksh tests/CN=${name}`],
    );
    await this.write(
      `${name}.ext`,
      `basicConstraints=CA:${options.isCa ? 'TRUE' : 'FALSE'}\n`,
      options.san === undefined ? '' : `subjectAltName=${options.san}\n`,
    );
    await this.openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial'],
      ...['-days', '20', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
  }

  /** A self-signed certificate for localhost, valid only between the given days from now; -3 is three days ago. */
  async outOfDate(name: string, fromDay: number, days: number): Promise<void> {
    const sign = fromDay < 0 ? '' : '+';
    await this.keytool(
      ...['-genkeypair', '-alias', 'a', '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', `CN=${name}`],
      ...['-ext', 'san=dns:localhost', '-startdate', `${sign}${fromDay}d`, '-validity', String(days)],
      ...['-storetype', 'PKCS12', '-keystore', `${name}.p12`, '-storepass', STORE_PASSWORD],
    );
    const open = ['pkcs12', '-in', `${name}.p12`, '-passin', `pass:${STORE_PASSWORD}`];
    await this.openssl(...open, '-nokeys', '-out', `${name}.pem`);
    await this.openssl(...open, '-nocerts', '-nodes', '-out', `${name}.key`);
  }

  /** A store of another kind with everything that the PKCS12 store `from` holds. */
  async convert(from: string, to: string, type: string, ...javaOptions: string[]): Promise<void> {
    await this.keytool(
      ...javaOptions,
      ...['-importkeystore', '-noprompt', '-srckeystore', from, '-srcstorepass', STORE_PASSWORD],
      ...['-destkeystore', to, '-deststoretype', type, '-deststorepass', STORE_PASSWORD],
    );
  }

  /** A trust store as administrators make it: `keytool -importcert` of each CA. */
  async trustStore(name: string, type: string, cas: string[], ...javaOptions: string[]): Promise<void> {
    for (const ca of cas) {
      await this.keytool(
        ...javaOptions,
        ...['-importcert', '-noprompt', '-alias', ca, '-file', `${ca}.pem`],
        ...['-storetype', type, '-keystore', name, '-storepass', STORE_PASSWORD],
      );
    }
  }
}
