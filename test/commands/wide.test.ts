import { beforeAll, describe, expect, it } from 'vitest';
import Wide from '../../commands/wide.ts';
import { connect } from '../../src/client/connect.ts';
import { useChroot } from '../support/chroot.ts';

describe('wide', () => {
  const zk = useChroot('wide');

  beforeAll(async () => {
    for (const path of ['/q', '/r', '/r/é']) await zk.client.create(path);
    await zk.client.multi(Array.from({ length: 300 }, (_, i) => ({ type: 'create', path: `/q/${100 + i}` })));
    await zk.client.create('/q/100/x');
    await zk.client.create('/q/100/y');
  });

  it('lists the znodes with most children, widest first, with the size of their listing', async () => {
    const { code, stdout } = await zk.shell(Wide, ['/', '-o', 'json']);
    const found = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(found[0]).toEqual({
      path: '/q',
      children: 300,
      nameBytes: 900,
      replyBytes: 88 + 300 * 7,
      maxBuffer: 1_048_575,
      used: 0.0021,
    });
    expect(found.map(({ path, children }: { path: string; children: number }) => [path, children])).toEqual([
      ['/q', 300],
      ['/', 2],
      ['/q/100', 2],
      ['/r', 1],
    ]);
    expect(found[3].nameBytes).toBe(2);
  });

  it('works out the very size of the reply, byte by byte', async () => {
    const [{ replyBytes }] = JSON.parse((await zk.shell(Wide, ['/r', '-o', 'json'])).stdout);
    const fits = await connect(zk.servers, { maxReplyBytes: replyBytes });
    expect((await fits.getChildren('/r')).children).toEqual(['é']);
    await fits.close();
    const short = await connect(zk.servers, { maxReplyBytes: replyBytes - 1 });
    await expect(short.getChildren('/r')).rejects.toMatchObject({ code: 'REPLY_TOO_LARGE' });
    await short.close();
  });

  it('holds it against the limit that clients have, in colour where it is near or over', async () => {
    const row = async (limit: string) => {
      const { stdout } = await zk.shell(Wide, ['/', '--top', '1', '--max-buffer', limit], {
        tty: true,
        env: { FORCE_COLOR: '1' },
      });
      return stdout.split('\n')[1];
    };
    expect(await row('2187')).toContain('\u001b[31m100%\u001b[39m');
    expect(await row('2188')).toContain('\u001b[33m100%\u001b[39m');
    expect(await row('2800')).toContain('\u001b[33m78%\u001b[39m');
    expect(await row('4KiB')).toContain('53%');
    expect(await row('4KiB')).not.toContain('\u001b[33m53%');
  });

  it('takes so many, from so many children on, and says when there is none', async () => {
    expect((await zk.shell(Wide, ['/', '--top', '2'])).stdout.trim().split('\n')).toHaveLength(2);
    expect((await zk.shell(Wide, ['/', '--top', '0'])).stdout.trim().split('\n')).toHaveLength(4);
    expect((await zk.shell(Wide, ['/', '--min', '3'])).stdout).toBe('300\t2188\t0.2%\t/q\n');
    const none = await zk.shell(Wide, ['/', '--min', '301'], { tty: true });
    expect(none).toEqual({ code: 0, stdout: '', stderr: 'no znode has so many children\n' });
  });

  it('exits 3 where there is no znode and 2 for a limit that is none', async () => {
    expect((await zk.shell(Wide, ['/nothing'])).code).toBe(3);
    expect((await zk.shell(Wide, ['/', '--max-buffer', '0'])).code).toBe(2);
    expect((await zk.shell(Wide, ['/', '--max-buffer', 'large'])).code).toBe(2);
  });
});
