import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { chooseContext, connectOptions, resolveAuth, saslOfFlag } from '../../src/cli/connecting.ts';
import { configDirectory, contextsFile, findContext, loadContexts, updateContexts } from '../../src/cli/contexts.ts';
import { maskAuth } from '../../src/cli/mask-context.ts';
import { resolveSecret, type SecretSources } from '../../src/cli/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'zksh-contexts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'zksh', 'contexts.json');
const env = { ZKSH_CONFIG_DIR: join(folder, 'zksh') };
beforeEach(() => rmSync(join(folder, 'zksh'), { recursive: true, force: true }));

const prod = { servers: 'zk1:2181,zk2:2181/app', auth: ['digest:env:ZK_AUTH'], protected: true };
const write = (text: string) => updateContexts(file, () => ({ contexts: {} })).then(() => writeFileSync(file, text));

describe('the file of contexts', () => {
  it('lies in the configuration directory of the person', () => {
    expect(contextsFile({ HOME: '/home/bob' })).toBe('/home/bob/.config/zksh/contexts.json');
    expect(configDirectory({ XDG_CONFIG_HOME: '/x' })).toBe('/x/zksh');
    expect(configDirectory({ ZKSH_CONFIG_DIR: '/y', XDG_CONFIG_HOME: '/x' })).toBe('/y');
  });

  it('need not exist', async () => {
    expect(await loadContexts(file)).toEqual({ contexts: {} });
  });

  it('is written for its owner only, in one step, and read back', async () => {
    await updateContexts(file, () => ({ current: 'prod', contexts: { prod } }));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'zksh')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'zksh'))).toEqual(['contexts.json']);
    expect(await loadContexts(file)).toEqual({ current: 'prod', contexts: { prod } });
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'the file must be an object'],
    ['{"contexts": 5}', 'contexts must be an object'],
    ['{"contexts": {"a": {}}}', 'contexts.a.servers is missing'],
    ['{"contexts": {"a": {"servers": 5}}}', 'contexts.a.servers must be a text'],
    ['{"contexts": {"a": {"servers": "h", "protcted": true}}}', 'contexts.a.protcted is not known'],
    ['{"contexts": {"a": {"servers": "h", "protected": "yes"}}}', 'contexts.a.protected must be true or false'],
    ['{"contexts": {"a": {"servers": "h", "auth": "x"}}}', 'contexts.a.auth must be a list of texts'],
    ['{"contexts": {"a": {"servers": "h", "tls": {"caa": "x"}}}}', 'contexts.a.tls.caa is not known'],
    ['{"contexts": {"a": {"servers": "h", "sessionTimeout": -1}}}', 'contexts.a.sessionTimeout must be a number'],
    ['{"contexts": {"a": {"servers": "h", "sasl": {"mechanism": "PLAIN"}}}}', 'contexts.a.sasl.mechanism must be'],
    ['{"contexts": {"__proto__": {"servers": "h"}}}', 'is no name for a context'],
    ['{"current": "b", "contexts": {"a": {"servers": "h"}}}', 'current names no context: "b"'],
    ['{"other": 1}', 'other is not known'],
  ])('that holds %s is refused, naming file and field', async (text, message) => {
    await write(text);
    const error = await loadContexts(file).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'BAD_CONTEXTS', exitCode: 2 });
    expect(String(error)).toContain(file);
    expect(String(error)).toContain(message);
    await expect(updateContexts(file, (contexts) => contexts)).rejects.toMatchObject({ code: 'BAD_CONTEXTS' });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it.skipIf(process.getuid?.() === 0)('that can not be read says so', async () => {
    await write('{}');
    chmodSync(file, 0);
    await expect(loadContexts(file)).rejects.toMatchObject({ code: 'CONTEXTS_UNREADABLE', exitCode: 1 });
  });

  it('is asked by exact name only', () => {
    expect(() => findContext({ contexts: { prod } }, 'toString')).toThrow('there is no context "toString"');
    expect(findContext({ contexts: { prod } }, 'prod')).toBe(prod);
  });
});

describe('the connection chosen', () => {
  beforeEach(() => updateContexts(file, () => ({ current: 'prod', contexts: { prod, dev: { servers: 'dev:2181' } } })));

  it('is the current context when nothing is said', async () => {
    expect(await chooseContext({}, env)).toMatchObject({ name: 'prod', context: prod });
  });

  it('is the named context, and a flag beats what it holds', async () => {
    const { name, context } = await chooseContext({ context: 'dev', server: 'other:1', auth: ['digest:env:X'] }, env);
    expect(name).toBe('dev');
    expect(context).toMatchObject({ servers: 'other:1', auth: ['digest:env:X'] });
  });

  it("with -S alone does not send the current context's credentials to another ensemble", async () => {
    const { name, context } = await chooseContext({ server: 'stranger:2181' }, env);
    expect(name).toBeUndefined();
    expect(context.auth).toEqual([]);
    expect(context.protected).toBeUndefined();
  });

  it('is TLS as soon as a certificate is named', async () => {
    expect((await chooseContext({ server: 'h', ca: 'ca.pem' }, env)).context.tls).toEqual({ ca: 'ca.pem' });
    expect((await chooseContext({ server: 'h', tls: true }, env)).context.tls).toEqual({});
    expect((await chooseContext({ server: 'h' }, env)).context.tls).toBeUndefined();
  });
});

describe('a secret', () => {
  const warnings: string[] = [];
  const sources: SecretSources = {
    env: { NAME: 'from-env', CREDENTIALS: 'bob:pw', PATH: process.env.PATH },
    prompts: { password: async () => 'typed' },
    warn: (message) => warnings.push(message),
  };
  beforeEach(() => {
    warnings.length = 0;
  });

  it('comes from where its reference says', async () => {
    await updateContexts(file, () => ({ contexts: {} }));
    writeFileSync(join(folder, 'zksh', 'pw'), 'from-file\n');
    expect(await resolveSecret('env:NAME', 'x', sources)).toBe('from-env');
    expect(await resolveSecret(`file:${join(folder, 'zksh', 'pw')}`, 'x', sources)).toBe('from-file');
    expect(await resolveSecret('cmd:printf %s from-cmd', 'x', sources)).toBe('from-cmd');
    expect(await resolveSecret('prompt', 'x', sources)).toBe('typed');
    expect(warnings).toEqual([]);
  });

  it('in clear is taken with a warning that does not repeat it', async () => {
    expect(await resolveSecret('hunter2', 'the password', sources)).toBe('hunter2');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain('hunter2');
  });

  it.each([
    ['env:UNSET', 'the environment variable UNSET is not set'],
    ['file:/no/such/file', 'cannot read the file /no/such/file'],
    ['cmd:echo s3cret; exit 3', 'the command that should print it failed (3)'],
  ])('by %s that is not there is a usage error', async (reference, message) => {
    const error = await resolveSecret(reference, 'the password', sources).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'NO_SECRET', exitCode: 2 });
    expect(String(error)).toContain(message);
    expect(JSON.stringify(error) + String(error) + String((error as Error).cause)).not.toContain('s3cret');
  });

  it.each([
    ['digest:env:CREDENTIALS', 'digest', 'bob:pw'],
    ['digest:bob:env:NAME', 'digest', 'bob:from-env'],
    ['digest:bob:prompt', 'digest', 'bob:typed'],
    ['digest:bob:plain', 'digest', 'bob:plain'],
    ['x-own:cmd:echo t', 'x-own', 't'],
  ])('of --auth %s is resolved', async (text, scheme, auth) => {
    expect(await resolveAuth(text, sources)).toEqual({ scheme, auth });
  });

  it.each(['digest', 'digest:', ':x', ''])('of --auth %j is no credentials', async (text) => {
    await expect(resolveAuth(text, sources)).rejects.toMatchObject({ code: 'BAD_AUTH', exitCode: 2 });
  });

  it('of --sasl is user and secret, or Kerberos', () => {
    expect(saslOfFlag('bob:env:NAME')).toEqual({ mechanism: 'DIGEST-MD5', user: 'bob', secret: 'env:NAME' });
    expect(saslOfFlag('kerberos')).toEqual({ mechanism: 'GSSAPI' });
    expect(() => saslOfFlag('bob')).toThrow('user:secret');
  });

  it('reaches connect resolved, and only there', async () => {
    const options = await connectOptions(
      { servers: 'h', auth: ['digest:env:CREDENTIALS'], tls: { keystore: 'k.p12', keystorePassword: 'env:NAME' } },
      sources,
    );
    expect(options).toEqual({
      auth: [{ scheme: 'digest', auth: 'bob:pw' }],
      tls: { keystore: 'k.p12', keystorePassword: 'from-env' },
    });
  });

  it.each([
    ['digest:env:NAME', 'digest:env:NAME'],
    ['digest:bob:env:NAME', 'digest:bob:env:NAME'],
    ['digest:bob:pw', 'digest:bob:********'],
    ['digest:bob:pw:with:colons', 'digest:bob:********'],
    ['x509:secret', 'x509:********'],
    ['secret', '********'],
  ])('%s is shown as %s', (entry, shown) => {
    expect(maskAuth(entry)).toBe(shown);
  });
});
