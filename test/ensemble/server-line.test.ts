import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDynamicConfig, parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { formatServerLine, parseServerLine, type ServerLine } from '../../src/ensemble/server-line.ts';

const port = fc.integer({ min: 1, max: 65535 });
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
const address = fc
  .record({ host, quorumPort: port, electionPort: port })
  .filter(({ quorumPort, electionPort }) => quorumPort !== electionPort);
const client = fc.record({ host, port });
const serverLine: fc.Arbitrary<ServerLine> = fc.record(
  {
    id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    role: fc.constantFrom('participant', 'observer'),
    client,
    secureClient: client,
  },
  { requiredKeys: ['id', 'addresses', 'role'] },
);

describe('a server line', () => {
  it('is read as the server prints it, and printed as it was read', () => {
    const lines = [
      'server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181',
      'server.12=zk12.example.org:2888:3888:observer;zk12.example.org:2181',
      'server.3=[2001:db8::3]:2888:3888:participant;[::]:2181',
      'server.4=a:2888:3888|b:2889:3889:participant;0.0.0.0:2181',
      'server.5=a:2888:3888:participant;0.0.0.0:2181;0.0.0.0:2281',
      'server.6=a:2888:3888:participant;;0.0.0.0:2281',
      'server.7=a:2888:3888:participant',
    ];
    for (const line of lines) expect(formatServerLine(parseServerLine(line))).toBe(line);
  });

  it('needs neither a role nor the host of its clients', () => {
    expect(parseServerLine(' server.9 = zk9:2888:3888;2181 ')).toEqual({
      id: 9n,
      addresses: [{ host: 'zk9', quorumPort: 2888, electionPort: 3888 }],
      role: 'participant',
      client: { port: 2181 },
    });
    expect(parseServerLine('server.9=zk9:2888:3888:OBSERVER').role).toBe('observer');
  });

  it('survives any round trip', () => {
    fc.assert(
      fc.property(serverLine, (server) => {
        expect(parseServerLine(formatServerLine(server))).toEqual(server);
      }),
    );
  });

  it.each([
    ['server.x=a:1:2', 'not of the form'],
    ['server.1=', 'HOST:PORT:PORT'],
    ['server.1=a:2888', 'HOST:PORT:PORT'],
    ['server.1=:2888:3888', 'HOST:PORT:PORT'],
    ['server.1=a:2888:3888:leader', 'neither participant nor observer'],
    ['server.1=a:2888:3888:participant:5', 'HOST:PORT:PORT'],
    ['server.1=a:2888:2888', 'are the same'],
    ['server.1=a:0:3888', '"0" is not a port'],
    ['server.1=a:2888:65536', '"65536" is not a port'],
    ['server.1=a:2888:3888;b:c', '"c" is not a port'],
    ['server.1=a:2888:3888;b:1:2', 'PORT or HOST:PORT'],
    ['server.1=a:2888:3888;1;2;3', 'more than two client addresses'],
    ['server.1=[::1:2888:3888', 'unclosed bracket'],
    ['server.1=a:1:2:observer|b:1:2:participant', 'different roles'],
  ])('such as %s is refused: %s', (line, reason) => {
    expect(() => parseServerLine(line)).toThrow(reason);
  });

  it('that is anything else is refused by name, never by a crash', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseServerLine(`server.1=${text}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_SERVER_LINE', exitCode: 2 });
        }
      }),
    );
  });
});

describe('a dynamic configuration', () => {
  it('as /zookeeper/config holds it is read and printed alike', () => {
    const text = [
      'server.1=a:2888:3888:participant;0.0.0.0:2181',
      'server.2=b:2888:3888:observer;0.0.0.0:2181',
      'group.1=1:2',
      'weight.1=3',
      'version=10000000c',
      '',
    ].join('\n');
    const config = parseDynamicConfig(text);
    expect(config.version).toBe(0x10000000cn);
    expect(config.groups.get(1n)).toEqual([1n, 2n]);
    expect(config.weights.get(1n)).toBe(3n);
    expect(formatDynamicConfig(config)).toBe(text);
  });

  it('survives any round trip, with its members sorted by id', () => {
    const config = fc.record({
      servers: fc.uniqueArray(serverLine, { selector: ({ id }) => id, maxLength: 9 }),
      version: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    });
    fc.assert(
      fc.property(config, ({ servers, version }) => {
        const sorted = [...servers].sort((a, b) => (a.id < b.id ? -1 : 1));
        const text = formatDynamicConfig({ servers, version, groups: new Map(), weights: new Map() });
        expect(parseDynamicConfig(text)).toMatchObject({ servers: sorted, version });
      }),
    );
  });

  it('takes comments, blank lines and Windows line ends', () => {
    expect(parseDynamicConfig('# mine\r\n\r\nserver.1=a:1:2\r\n').servers).toHaveLength(1);
  });

  it.each([
    ['server.1=a:1:2\nserver.1=b:1:2', 'twice'],
    ['tickTime=2000', 'only server, group, weight and version'],
    ['version=xyz', 'hexadecimal'],
    ['weight.1=heavy', 'whole number'],
    ['group.1=1:b', 'whole number'],
    ['nonsense', 'KEY=VALUE'],
  ])('with %j is refused: %s', (text, reason) => {
    expect(() => parseDynamicConfig(text)).toThrow(reason);
  });
});
