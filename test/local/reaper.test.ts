import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('a test run that is killed leaves no server and no directory behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-reaper-'));
  const wait = 'process.stdin.resume()';
  const server = spawn(process.execPath, ['-e', wait, join(directory, 'zoo.cfg')]);
  const stranger = spawn(process.execPath, ['-e', wait, `${directory}-of-another-run/zoo.cfg`]);
  await Promise.all([once(server, 'spawn'), once(stranger, 'spawn')]);
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('../support/reaper.js', import.meta.url)), directory]);
  await once(reaper, 'spawn');
  const died = once(server, 'exit');
  reaper.stdin.destroy();
  await once(reaper, 'exit');
  expect((await died)[1]).toBe('SIGKILL');
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  stranger.kill();
  await expect(access(directory)).rejects.toMatchObject({ code: 'ENOENT' });
});
