import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../src/local/file-lock.ts';
import { claimPorts, isFree, releaseAllPorts, releasePorts } from '../../src/local/ports.ts';
import { identify, processState, signalProcess } from '../../src/local/process-identity.ts';

const HOST = '127.0.0.1';
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-claims-'));
});

afterEach(async () => {
  await releaseAllPorts(directory);
  await rm(directory, { recursive: true, force: true });
});

/** A process that is certainly gone, with the identity it had. */
async function deadProcess(): Promise<{ pid: number; startTime: string }> {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = await identify(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity!;
}

describe('ports', () => {
  it('claimed at the same time are all different and free', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimPorts(HOST, 5, directory)));
    const ports = claims.flat();
    expect(new Set(ports).size).toBe(100);
    expect((await Promise.all(ports.map((port) => isFree(HOST, port)))).every(Boolean)).toBe(true);
  });

  it('that are given back by the wrong owner stay claimed', async () => {
    const [port = 0] = await claimPorts(HOST, 1, directory);
    const claim = join(tmpdir(), `zksh-ports-${process.getuid?.()}`, String(port));
    await releasePorts([port], '/somewhere/else');
    expect(JSON.parse(await readFile(claim, 'utf8'))).toMatchObject({ directory });
    await releasePorts([port], directory);
    await expect(readFile(claim)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('on which anybody listens are not free', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const address = server.address();
    expect(await isFree(HOST, typeof address === 'object' ? address!.port : 0)).toBe(false);
    server.close();
  });

  it('can be found on other loopback addresses and names, and not on a foreign one', async () => {
    expect(await claimPorts('127.0.0.7', 2, directory)).toHaveLength(2);
    expect(await claimPorts('localhost', 2, directory)).toHaveLength(2);
    await expect(claimPorts('192.0.2.1', 1, directory)).rejects.toMatchObject({ code: 'NO_FREE_PORTS' });
  });
});

describe('a process', () => {
  it('is known by its start time as well as its pid', async () => {
    const self = await identify(process.pid);
    expect(await processState(self!)).toBe('running');
    expect(await processState({ ...self!, startTime: 'another boot' })).toBe('gone');
    expect(await signalProcess({ ...self!, startTime: 'another boot' }, 'SIGKILL')).toBe(false);
  });

  it('that ended is gone, and one that never was cannot be identified', async () => {
    expect(await processState(await deadProcess())).toBe('gone');
    expect(await identify(2 ** 22 + 1)).toBeUndefined();
  });

  it('with brackets and blanks in its name is read right', async () => {
    const odd = join(directory, 'a) R 1 (b');
    await mkdir(directory, { recursive: true });
    await writeFile(odd, `#!/bin/sh\nread line\n`, { mode: 0o755 });
    const child = spawn(odd);
    await once(child, 'spawn');
    const identity = await identify(child.pid!);
    expect(await processState(identity!)).toBe('running');
    expect(identity!.startTime).toMatch(/^[0-9a-f-]+:\d+$/);
    child.stdin.end();
    await once(child, 'exit');
  });
});

describe('the lock of an ensemble', () => {
  it('lets one at a time in', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(join(directory, 'lock'), 30_000, work)));
    expect(most).toBe(1);
  });

  it('that is held for too long is reported with who holds it', async () => {
    const lock = join(directory, 'lock');
    await withLock(lock, 0, async () => {
      const second = withLock(lock, 0, () => Promise.resolve());
      await expect(second).rejects.toMatchObject({ code: 'LOCKED', exitCode: 6 });
      await expect(second).rejects.toThrow(`pid ${process.pid}`);
    });
  });

  it('is freed by a failure and taken over from the dead, also one that died while writing it', async () => {
    const lock = join(directory, 'lock');
    await expect(withLock(lock, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await writeFile(lock, JSON.stringify(await deadProcess()));
    expect(await withLock(lock, 0, () => Promise.resolve('mine'))).toBe('mine');
    await writeFile(lock, '');
    await utimes(lock, 1, 1);
    expect(await withLock(lock, 0, () => Promise.resolve('mine'))).toBe('mine');
  });
});
