import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { useEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';

// The servers look once a minute by default.
const ensemble = useEnsemble({ servers: 1, systemProperties: { 'znode.container.checkIntervalMs': '50' } });

describe('znodes that the server removes by itself', () => {
  it('are a container whose last child has gone, and one whose time to live has passed', async () => {
    const client = await connect(ensemble().connectString);
    onTestFinished(() => client.close());
    await client.create('/container', null, { mode: 'container' });
    await client.create('/container/kid');
    await client.create('/ttl', null, { mode: 'persistent_with_ttl', ttl: 200 });
    const { path: sequential } = await client.create('/ttl-', 'x', {
      mode: 'persistent_sequential_with_ttl',
      ttl: 200n,
    });
    await client.create('/long', null, { mode: 'persistent_with_ttl', ttl: 600_000 });
    await client.delete('/container/kid');
    for (const path of ['/container', '/ttl', sequential]) {
      await until(`the end of ${path}`, async () => (await client.exists(path)) === undefined);
    }
    expect(await client.exists('/long')).toBeDefined();
    await client.delete('/long');
  });

  it('refuse a time to live there is not, before anything is sent', async () => {
    const client = await connect(ensemble().connectString);
    onTestFinished(() => client.close());
    for (const ttl of [0, -1, 1.5, 2 ** 40, undefined]) {
      const call = client.create('/refused', null, { mode: 'persistent_with_ttl', ttl });
      await expect(call, `${ttl}`).rejects.toMatchObject({ code: 'BAD_USAGE', exitCode: 2 });
    }
    await expect(client.create('/refused', null, { ttl: 5 })).rejects.toMatchObject({ exitCode: 2 });
    expect(await client.exists('/refused')).toBeUndefined();
  });
});
