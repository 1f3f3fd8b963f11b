import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const binary = process.env.ZKSH_TEST_BINARY;

/** A jump host: the executable alone in a folder, and no Node. */
let folder: string;
let zksh: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zksh-jump-'));
  zksh = join(folder, 'zksh');
  if (binary !== undefined) copyFileSync(binary, zksh);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const { PATH: _, ...rest } = process.env;
  const surroundings = { ...rest, ...env, PATH: '/nowhere', HOME: folder, ZKSH_CONFIG_DIR: folder };
  const done = exec(zksh, argv, { env: surroundings, cwd: folder });
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

// The end-to-end tests, which are told of it, say what it does; here is what is in it.
describe.skipIf(binary === undefined)('the self-contained executable', () => {
  it('needs nothing else to be there', async () => {
    expect(await run(['version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^zksh \d/), stderr: '' });
    expect((await run(['help'])).stdout).toContain('COMMANDS');
    expect((await run(['completion', 'zsh'])).stdout).toContain('#compdef zksh');
    expect((await run(['local', 'list'])).code).toBe(0);
  });

  it('has the packages that are loaded when they are used', async () => {
    const yaml = await run(['version', '-o', 'yaml']);
    expect(yaml.stdout).toMatch(/^zksh: /);
    writeFileSync(join(folder, 'bad.p12'), Buffer.from('30820102020103', 'hex'));
    const forge = await run(['get', '/', '-S', 'localhost:1', '--tls', '--truststore', join(folder, 'bad.p12')]);
    expect(forge.stderr).toContain('bad.p12');
    expect(forge.stderr).not.toMatch(/unexpected|Cannot find/);
  });

  it('says what Kerberos lacks', async () => {
    const { code, stderr } = await run(['get', '/', '-S', 'localhost:1', '--sasl', 'kerberos', '--timeout', '2s']);
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(/unexpected/);
  });

  it('is not mistaken for Node', async () => {
    expect(await run(['-e', '1'])).toMatchObject({ code: 2, stdout: '' });
    expect((await run(['--version'])).stdout).toMatch(/^zksh \d/);
  });
});
