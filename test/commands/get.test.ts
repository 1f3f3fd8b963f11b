import { beforeAll, describe, expect, it } from 'vitest';
import Get from '../../commands/get.ts';
import { statText } from '../../src/output/stat.ts';
import { useChroot } from '../support/chroot.ts';

describe('get', () => {
  const zk = useChroot('get');
  const binary = Buffer.from([0x00, 0xff, 0x41, 0x0a]);

  beforeAll(async () => {
    await zk.client.create('/text', 'grüezi 🐘\nwelt');
    await zk.client.create('/null', null);
    await zk.client.create('/empty', '');
    await zk.client.create('/binary', binary);
  });

  it('prints text', async () => {
    expect(await zk.alone(Get, ['/text'])).toEqual({ code: 0, stdout: 'grüezi 🐘\nwelt\n', stderr: '' });
  });

  it('prints null where no data was ever set, and an empty line for empty data', async () => {
    expect((await zk.shell(Get, ['/null'])).stdout).toBe('null\n');
    expect((await zk.shell(Get, ['/empty'])).stdout).toBe('\n');
  });

  it('prints the stat with -s', async () => {
    const { stat } = await zk.client.getData('/text');
    expect((await zk.shell(Get, ['-s', '/text'])).stdout).toBe(`grüezi 🐘\nwelt\n${statText(stat)}\n`);
  });

  it('prints base64 with -b', async () => {
    expect((await zk.shell(Get, ['-b', '/binary'])).stdout).toBe('AP9BCg==\n');
    expect((await zk.shell(Get, ['-b', '/null'])).stdout).toBe('\n');
  });

  it('prints the hex dump of zkCli with -x', async () => {
    expect((await zk.shell(Get, ['-x', '/text'])).stdout).toMatchInlineSnapshot(`
      "         +-------------------------------------------------+
               |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |
      +--------+-------------------------------------------------+----------------+
      |00000000| 67 72 c3 bc 65 7a 69 20 f0 9f 90 98 0a 77 65 6c |gr..ezi .....wel|
      |00000010| 74                                              |t               |
      +--------+-------------------------------------------------+----------------+
      "
    `);
  });

  it('prints a hex dump rather than broken text where the data is binary', async () => {
    const { stdout } = await zk.shell(Get, ['/binary']);
    expect(stdout).toContain('|00000000| 00 ff 41 0a');
  });

  it('writes the bytes and nothing else with -o raw', async () => {
    expect((await zk.shell(Get, ['/text', '-o', 'raw'])).stdout).toBe('grüezi 🐘\nwelt');
    expect((await zk.shell(Get, ['/null', '-o', 'raw'])).stdout).toBe('');
  });

  it('keeps control characters in the data from a terminal', async () => {
    await zk.client.create('/evil', '\u001b[2Jgone');
    expect((await zk.shell(Get, ['/evil'], { tty: true })).stdout).toBe('\\x1b[2Jgone\n');
    expect((await zk.shell(Get, ['/evil'])).stdout).toBe('\u001b[2Jgone\n');
  });

  it('gives data in JSON as text, base64 or null', async () => {
    const data = async (...argv: string[]) => JSON.parse((await zk.shell(Get, [...argv, '-o', 'json'])).stdout).data;
    expect(await data('/text')).toEqual({ utf8: 'grüezi 🐘\nwelt' });
    expect(await data('/binary')).toEqual({ base64: 'AP9BCg==' });
    expect(await data('-b', '/empty')).toEqual({ base64: '' });
    expect(await data('/null')).toBeNull();
  });

  it('leaves a watch on the session of the shell', async () => {
    await zk.client.create('/watched');
    expect(await zk.shell(Get, ['-w', '/watched'])).toMatchObject({ code: 0, stderr: '' });
    await zk.client.checkWatches('/watched', 'data');
  });

  it('says that a watch is of no use outside the shell, and takes the old form of it', async () => {
    const { code, stderr } = await zk.alone(Get, ['/text', 'true']);
    expect(code).toBe(0);
    expect(stderr).toContain('the watch ends with this command');
  });

  it('exits 3 where there is no znode', async () => {
    expect(await zk.alone(Get, ['/nothing'])).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: getData "/nothing": the node does not exist\n',
    });
  });
});
