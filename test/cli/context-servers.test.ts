import { describe, expect, it } from 'vitest';
import { serversAfter } from '../../src/cli/context-servers.ts';

const line = (id: number) => `server.${id}=zk${id}:2888:3888;2181`;

describe('the connection string of a context after a change', () => {
  it.each([
    ['zk1:2181,zk2:2181', { joined: line(3) }, 'zk1:2181,zk2:2181,zk3:2181'],
    ['zk1:2181,zk2:2181/app', { left: line(2) }, 'zk1:2181/app'],
    ['zk1:2181,zk2:2181', { joined: line(3), left: line(1) }, 'zk3:2181,zk2:2181'],
    ['zk1:2181,zk2:2181/app', { joined: line(1).replace('2181', '2182'), left: line(1) }, 'zk1:2182,zk2:2181/app'],
    ['zk1:2181,zk2:2181', { joined: line(1), left: line(1) }, 'zk1:2181,zk2:2181'],
    ['zk2:2181,zk1:2181', { joined: line(1), left: line(3) }, 'zk2:2181,zk1:2181'],
    ['zk2:2181', { joined: line(3), left: line(1) }, 'zk2:2181,zk3:2181'],
    ['zk1:2181', { left: line(1) }, 'zk1:2181'],
    ['zk1:2181', { joined: line(1) }, 'zk1:2181'],
    ['zk1:2181, zk2:2181', {}, 'zk1:2181, zk2:2181'],
  ])('%s', (before, change, after) => {
    expect(serversAfter(before, change)).toBe(after);
  });
});
