import { describe, expect, it } from 'vitest';
import { type Environment, systemEnvironment } from '../../src/client/environment.ts';
import { oneRound } from '../../src/client/host-list.ts';

const hosts = ['a', 'b', 'c'].map((host) => ({ host, port: 1 }));

function environment(addresses: Record<string, string[]>, random = () => 0.3): Environment {
  return {
    ...systemEnvironment,
    random,
    resolve: async (host) => {
      const found = addresses[host];
      if (found === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      return found;
    },
  };
}

async function names(...round: Parameters<typeof oneRound>): Promise<string[]> {
  const seen: string[] = [];
  for await (const found of oneRound(...round)) {
    seen.push('error' in found ? `${found.host.host}: ${found.error.message}` : `${found.host}=${found.address}`);
  }
  return seen;
}

const all = { a: ['1.1.1.1'], b: ['2.2.2.2', '2.2.2.3'], c: ['3.3.3.3'] };

describe('a round through the servers', () => {
  it('tries every address of every name once', async () => {
    expect((await names(hosts, environment(all), {})).sort()).toEqual([
      'a=1.1.1.1',
      'b=2.2.2.2',
      'b=2.2.2.3',
      'c=3.3.3.3',
    ]);
  });

  it('is in another order for other clients', async () => {
    const orders = new Set<string>();
    for (let i = 0; i < 60; i++) orders.add((await names(hosts, environment(all, Math.random), {})).join());
    expect(orders.size).toBeGreaterThan(3);
  });

  it('leaves the server just lost for last, and begins with the one preferred', async () => {
    for (let i = 0; i < 20; i++) {
      const order = await names(hosts, environment(all, Math.random), { first: hosts[2], last: hosts[0] });
      expect(order[0]).toBe('c=3.3.3.3');
      expect(order.at(-1)).toBe('a=1.1.1.1');
    }
  });

  it('leaves the server just lost for last also when it is the one preferred', async () => {
    for (let i = 0; i < 20; i++) {
      const order = await names(hosts, environment(all, Math.random), { first: hosts[0], last: hosts[0] });
      expect(order.at(-1)).toBe('a=1.1.1.1');
    }
  });

  it('goes on past a name that has no address, and says so', async () => {
    const seen = await names(hosts, environment({ a: ['1.1.1.1'], c: ['3.3.3.3'] }), {});
    expect(seen).toHaveLength(3);
    expect(seen).toContainEqual('b: the name has no address (ENOTFOUND)');
  });

  it('asks nobody about an address', async () => {
    expect(await names([{ host: '::1', port: 1 }], environment({}), {})).toEqual(['::1=::1']);
  });
});
