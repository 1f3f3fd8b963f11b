import { describe, expect, it, onTestFinished } from 'vitest';
import { connectPool } from '../../src/client/pool.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';

describe('a pool on three members', () => {
  it('spreads its sessions, deals reads round robin and reads its own writes after a sync', async () => {
    const { connectString, members } = await sharedEnsemble('three');
    const pool = await connectPool(connectString);
    onTestFinished(() => pool.close());
    const ports = pool.clients.map(({ server }) => server?.port);
    expect(new Set(ports)).toEqual(new Set(members.map(({ clientPort }) => clientPort)));
    const used = await Promise.all(Array.from({ length: 6 }, () => pool.read(async (client) => client.server?.port)));
    expect(used.slice(0, 3)).toEqual(used.slice(3));
    expect(new Set(used).size).toBe(3);
    const { path } = await pool.write((client) => client.create(`/pool-${process.pid}`, '0'));
    for (let i = 1; i <= 30; i++) {
      await pool.write((client) => client.setData(path, `${i}`));
      const { data } = await pool.read((client) => client.getData(path), { sync: true });
      expect(data?.toString()).toBe(`${i}`);
    }
    await pool.write((client) => client.delete(path));
  });

  it('opens all its sessions or none', async () => {
    await expect(connectPool('127.0.0.1:1', { size: 2, connectTimeout: 300 })).rejects.toMatchObject({ exitCode: 5 });
    await expect(connectPool('127.0.0.1:1', { size: 0 })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('replaces a session that is over, and goes on writing', async () => {
    const { connectString } = await sharedEnsemble('three');
    const pool = await connectPool(connectString, { size: 2 });
    onTestFinished(() => pool.close());
    const [first] = pool.clients;
    await first?.close();
    expect(pool.writer).not.toBe(first);
    await until('a new session', () => pool.clients[0] !== first && pool.clients[0]?.state === 'CONNECTED');
    await pool.write((client) => client.exists('/'));
  });
});
