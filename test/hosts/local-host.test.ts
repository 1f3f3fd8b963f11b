import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostDriver } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { noService } from '../../src/hosts/service.ts';
import { describeHost } from './host-behaviour.ts';

const nothing = () => noService('here', 'there is none', 'Add one.');
const root = mkdtempSync(join(tmpdir(), 'zksh-host-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('this machine', () => {
  const host: HostDriver = localHost({ name: 'here', service: nothing });
  describeHost({ host: () => host, directory: () => root });

  it('tells whether a port is open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await host.portOpen('127.0.0.1', port)).toMatchObject({ state: 'open' });
    server.close();
    await once(server, 'close');
    expect(await host.portOpen('127.0.0.1', port)).toMatchObject({ state: 'closed' });
    expect(await host.portOpen('no-such-host.invalid', port)).toMatchObject({ state: 'unresolved' });
  });
});

describe.skipIf(process.getuid?.() !== 0 || !existsSync('/usr/bin/sudo'))('this machine with sudo', () => {
  const host = localHost({ name: 'here', sudo: true, service: nothing });
  describeHost({ host: () => host, directory: () => root });
});
