import { describe, expect, it } from 'vitest';
import { ENSEMBLE_FILE_EXAMPLE } from '../../src/cli/hosts-help.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { parseServerLine } from '../../src/ensemble/server-line.ts';
import { draftEnsembleFile, parseService } from '../../src/inventory/draft.ts';
import { parseEnsembleFile } from '../../src/inventory/ensemble-file.ts';

const parse = (yaml: string) => parseEnsembleFile(yaml, 'prod.yaml', nearest);

const PROD = `name: prod
context: prod
defaults:
  host: {ssh: {user: zk, jump: bastion.example.com, sudo: true}}
  service: {systemd: zookeeper}
  files: {config: /etc/zookeeper/conf/zoo.cfg, log: /var/log/zookeeper/zookeeper.log}
members:
  - id: 1
    server: zk1:2888:3888:participant;2181
  - id: 2
    server: server.2=zk2:2888:3888:observer;2181
    host: {ssh: {host: zk2.internal, port: 2222, user: ops}}
    files: {config: /opt/zk/zoo.cfg}
  - id: 3
    server: zk3:2888:3888;2181
    host: local
    service: {zkServer: /opt/zk/bin/zkServer.sh}
`;

describe('an ensemble file', () => {
  it('says of each member who it is, where it runs and what controls it', async () => {
    const { name, context, members } = await parse(PROD);
    expect({ name, context }).toEqual({ name: 'prod', context: 'prod' });
    expect(members.map(({ id, line }) => [id, line.role])).toEqual([
      [1n, 'participant'],
      [2n, 'observer'],
      [3n, 'participant'],
    ]);
    const ssh = { kind: 'ssh', user: 'zk', jump: ['bastion.example.com'], sudo: true };
    expect(members.map(({ host }) => host)).toEqual([
      // Nothing else being said, the machine is the host of the server line.
      { ...ssh, host: 'zk1' },
      { ...ssh, host: 'zk2.internal', port: 2222, user: 'ops' },
      { kind: 'local' },
    ]);
    expect(members.map(({ service }) => service)).toEqual([
      { systemd: 'zookeeper' },
      { systemd: 'zookeeper' },
      { zkServer: '/opt/zk/bin/zkServer.sh' },
    ]);
    expect(members[1]?.files).toEqual({ config: '/opt/zk/zoo.cfg', log: '/var/log/zookeeper/zookeeper.log' });
  });

  const one = (rest: string, before = '') =>
    `name: x\n${before}members:\n  - id: 1\n    server: zk1:2888:3888;2181\n    files: {config: /zoo.cfg}\n${rest}`;

  it.each([
    ['{ssh: zk9}', { kind: 'ssh', host: 'zk9' }],
    [
      '{ssh: {identity: ~/.ssh/id, hostKeys: accept-new, silence: 9s, config: none}}',
      { silence: 9000, identity: ['~/.ssh/id'] },
    ],
    ['{docker: zk1}', { kind: 'docker', container: 'zk1' }],
    ['{kubernetes: {pod: zk-0, namespace: kafka}}', { kind: 'kubernetes', pod: 'zk-0', namespace: 'kafka' }],
    ['{commands: {run: "lxc exec {host} -- {argv}"}}', { kind: 'commands', run: 'lxc exec {host} -- {argv}' }],
    ['{local: {sudo: zookeeper}}', { kind: 'local', sudo: 'zookeeper' }],
  ])('takes the host %s', async (host, expected) => {
    const { members } = await parse(one(`    host: ${host}\n`));
    expect(members[0]?.host).toMatchObject(expected);
  });

  it.each([
    ['nothing at all', '', 'prod.yaml: the file must have fields'],
    ['no YAML', 'name: [', /prod\.yaml:1: this is not YAML/],
    ['a key twice', 'name: a\nname: b', /prod\.yaml:2: this is not YAML: Map keys must be unique/],
    ['no members', 'name: x', 'prod.yaml:1: members must be a list of members'],
    [
      'a name that is no word',
      'name: a b\nmembers: []',
      'prod.yaml:1: name must be one word that does not begin with a dash',
    ],
    ['no host', one(''), 'prod.yaml:3: members[0] has no host, and there is no default'],
    ['an unknown kind of host', one('    host: {shh: zk1}\n'), 'prod.yaml:6: members[0].host.shh is not known'],
    ['two kinds of host', one('    host: {ssh: a, docker: b}\n'), /prod\.yaml:6: members\[0\]\.host must have one of/],
    ['an unknown field', one('    host: {ssh: {hots: a}}\n'), 'prod.yaml:6: members[0].host.ssh.hots is not known'],
    [
      'an option as host',
      one('    host: {ssh: -oProxyCommand=x}\n'),
      /prod\.yaml:6: members\[0\]\.host\.ssh\.host must be one word/,
    ],
    ['a container without a name', one('    host: {docker: {user: x}}\n'), /docker\.container is missing/],
    [
      'a port that is none',
      one('    host: {ssh: {port: 70000}}\n'),
      'prod.yaml:6: members[0].host.ssh.port must be a port, 1 to 65535',
    ],
    [
      'a relative path',
      one('    host: local\n    service: {zkServer: bin/zkServer.sh}\n'),
      /prod\.yaml:7: .* must be an absolute path/,
    ],
    [
      'half a service',
      one('    host: local\n    service: {start: a, stop: b}\n'),
      /prod\.yaml:7: members\[0\]\.service must be systemd/,
    ],
    [
      'two services',
      one('    host: local\n    service: {systemd: a, start: b}\n'),
      /members\[0\]\.service must be systemd/,
    ],
    ['a placeholder in quotes', one(`    host: {commands: {run: "ssh {host} '{command}'"}}\n`), /stands inside quotes/],
    [
      'a placeholder of nothing',
      one('    host: {commands: {read: "cat {file}"}}\n'),
      /\{file\} stands for nothing here/,
    ],
    [
      'an id that is none',
      'name: x\nmembers:\n  - id: one\n',
      'prod.yaml:3: members[0].id must be the id of a server, a whole number',
    ],
    ['no server', 'name: x\nmembers:\n  - id: 1\n', /has no server: what stands right of server\.1=/],
    [
      'the server of another',
      'name: x\nmembers:\n  - {id: 1, server: "server.2=a:1:2"}\n',
      /it is of server 2, and the id is 1/,
    ],
    [
      'a server line that is none',
      'name: x\nmembers:\n  - {id: 1, server: "a:1"}\n',
      /prod\.yaml:3: members\[0\]\.server can't be taken: .*a:1/,
    ],
  ])('with %s is refused with its line', async (_, yaml, message) => {
    const error = await parse(yaml).catch((e) => e);
    expect(error).toMatchObject({ code: 'BAD_ENSEMBLE_FILE', exitCode: 2 });
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('suggests the field that was meant', async () => {
    await expect(parse(one('    host: {shh: zk1}\n'))).rejects.toMatchObject({ hint: 'Did you mean ssh?' });
    await expect(parse('name: x\nmember: []')).rejects.toMatchObject({ hint: 'Did you mean members?' });
    await expect(parse('name: x\nwhatever: 1')).rejects.toMatchObject({
      hint: 'There are: name, context, defaults, members.',
    });
  });

  it('has each id once, and each place', async () => {
    const twice = (second: string) =>
      `${one('    host: {docker: a}\n')}  - {server: "zk2:2888:3888", files: {config: /zoo.cfg}, ${second}}\n`;
    await expect(parse(twice('id: 1, host: {docker: b}'))).rejects.toThrow('members[1].id is the same as another: 1');
    await expect(parse(twice('id: 2, host: {docker: a}'))).rejects.toThrow(
      'members[1].host is the place of member 1, too',
    );
    const onOne = (config: string) =>
      `name: x\ndefaults: {host: {ssh: m}}\nmembers:\n  - {id: 1, server: "a:1:2", files: {config: /1/zoo.cfg}}\n` +
      `  - {id: 2, server: "a:3:4", files: {config: ${config}}}\n`;
    await expect(parse(onOne('/1/zoo.cfg'))).rejects.toThrow('is the place of member 1, too');
    expect((await parse(onOne('/2/zoo.cfg'))).members).toHaveLength(2);
  });

  it('does not fill the memory', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
      .join('\n')}\n`;
    await expect(parse(bomb)).rejects.toMatchObject({ code: 'BAD_ENSEMBLE_FILE' });
  });
});

describe('the ensemble file that the help shows', () => {
  it('is one', async () => {
    const { members } = await parse(ENSEMBLE_FILE_EXAMPLE);
    expect(members.map(({ host }) => host)).toMatchObject([{ host: 'zk1' }, { host: 'zk2.internal' }, { host: 'zk3' }]);
  });
});

describe('a first ensemble file', () => {
  const servers = [1, 2].map((id) => parseServerLine(`server.${id}=zk${id}:2888:3888:participant;0.0.0.0:2181`));
  const base = { name: 'prod', context: 'prod', servers, service: { systemd: 'zookeeper' }, config: '/etc/zoo.cfg' };

  it('can be read by a person', async () => {
    expect(await draftEnsembleFile({ ...base, reach: { kind: 'ssh', user: 'zk', sudo: true } })).toMatchInlineSnapshot(`
      "# How zksh reaches the machines of this ensemble.
      # Look whether all of it is right: zksh member inventory --check --ensemble THIS_FILE
      name: prod
      context: prod
      defaults:
        host:
          ssh:
            user: zk
            sudo: true
        service:
          systemd: zookeeper
        files:
          config: /etc/zoo.cfg
      members:
        - id: 1
          server: zk1:2888:3888:participant;0.0.0.0:2181
          host:
            ssh: zk1
        - id: 2
          server: zk2:2888:3888:participant;0.0.0.0:2181
          host:
            ssh: zk2
      "
    `);
  });

  it.each([
    [{ kind: 'ssh' }, { kind: 'ssh', host: 'zk2' }],
    [
      { kind: 'ssh', jump: 'b' },
      { kind: 'ssh', host: 'zk2', jump: ['b'] },
    ],
    [
      { kind: 'docker', container: 'zk{id}' },
      { kind: 'docker', container: 'zk2' },
    ],
    [
      { kind: 'kubernetes', pod: 'zk-{ordinal}', namespace: 'n' },
      { kind: 'kubernetes', pod: 'zk-1', namespace: 'n' },
    ],
    [
      { kind: 'commands', run: 'x {host} {command}' },
      { kind: 'commands', run: 'x {host} {command}' },
    ],
  ] as const)('says %j for every member', async (reach, host) => {
    const { members } = await parse(await draftEnsembleFile({ ...base, reach }));
    expect(members.map((member) => member.line)).toEqual(servers);
    expect(members[1]?.host).toEqual(host);
  });

  it('knows the services that can be named in one word', () => {
    expect(parseService('systemd:zk@1')).toEqual({ systemd: 'zk@1' });
    expect(parseService('zkServer:/zk/zkServer.sh')).toEqual({ zkServer: '/zk/zkServer.sh' });
    for (const text of ['zookeeper', 'systemd:', 'systemd:a b', 'zkServer:relative', 'init:zk']) {
      expect(() => parseService(text)).toThrow('does not say how a server is controlled');
    }
  });
});
