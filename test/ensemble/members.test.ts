import { describe, expect, it } from 'vitest';
import { parseConnectString } from '../../src/client/connect-string.ts';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { lagOf } from '../../src/ensemble/ensemble-status.ts';
import {
  configuredMember,
  type Known,
  listedMembers,
  matchMembers,
  parseAdminChoice,
  parseMemberList,
} from '../../src/ensemble/members.ts';

const noAdmin = { tls: false, admin: parseAdminChoice(['off']) };

function known(text: string, how = noAdmin, serverId?: bigint): Known[] {
  const listed = parseConnectString(text).hosts.map((server) => ({ server }));
  return listedMembers(listed, how).map((member) => ({ member, serverId, kin: false }));
}

function config(...values: string[]) {
  return parseDynamicConfig(values.map((value, i) => `server.${i + 1}=${value}`).join('\n'));
}

const three = config('zk1:1:2;0.0.0.0:2181', 'zk2:1:2;2181', 'zk3:1:2;zk3.public:2181');
const resolved = new Map([
  ['zk1', ['10.0.0.1']],
  ['zk2', ['10.0.0.2']],
  ['zk3.public', ['10.0.0.3']],
  ['one.example', ['10.0.0.1']],
  ['all.example', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
  ['other.example', ['10.0.9.9']],
]);

describe('who is who among those listed and those configured', () => {
  it('is told by names, with the port', () => {
    const { matched, strangers } = matchMembers(known('ZK2:2181,zk3.public:2181,zk1:2182'), three, new Map());
    expect({ matched: [...matched], strangers }).toEqual({
      matched: [
        [2n, 0],
        [3n, 1],
      ],
      strangers: [2],
    });
  });

  it('is told by the addresses behind names', () => {
    const { matched, strangers } = matchMembers(known('one.example:2181,other.example:2181'), three, resolved);
    expect({ matched: [...matched], strangers }).toEqual({ matched: [[1n, 0]], strangers: [1] });
  });

  it('is told by the id a server gives, when it is one of this ensemble', () => {
    expect([...matchMembers(known('balancer:1', noAdmin, 3n), three, resolved).matched]).toEqual([[3n, 0]]);
  });

  it('knows one name of several members, and a second way to the same one, for no stranger', () => {
    expect(matchMembers(known('all.example:2181'), three, resolved).strangers).toEqual([]);
    const again = known('zk1:2181,balancer:1').map((one) => ({ ...one, serverId: 1n, kin: true }));
    expect(matchMembers(again, three, new Map())).toEqual({ matched: new Map([[1n, 0]]), strangers: [] });
  });

  it('is, on a secure port that is in no configuration, the only member of that host', () => {
    const how = { ...noAdmin, tls: true };
    expect([...matchMembers(known('zk1:2281', how), three, new Map()).matched]).toEqual([[1n, 0]]);
    const shared = config('zk1:1:2;2181', 'zk1:3:4;2182');
    expect(matchMembers(known('zk1:2281', how), shared, new Map()).strangers).toEqual([0]);
  });
});

describe('where a member is asked', () => {
  it('is every address of a server with several networks', () => {
    const [line] = config('a:1:2|b:1:2;2181').servers;
    const { targets } = configuredMember(line!, noAdmin);
    expect(targets.map(({ host, port }) => `${host}:${port}`)).toEqual(['a:2181', 'b:2181']);
  });

  it('is the secure port where TLS is wanted and the configuration has one', () => {
    const [line] = config('a:1:2;2181;2281').servers;
    expect(configuredMember(line!, { ...noAdmin, tls: true }).targets).toEqual([{ host: 'a', port: 2281, tls: true }]);
    expect(configuredMember(line!, noAdmin).targets).toEqual([{ host: 'a', port: 2181, tls: false }]);
  });

  it('is also the secure port of those listed, where the configuration names none', () => {
    const [first, second] = config('a:1:2;2181', 'b:1:2').servers;
    const how = { ...noAdmin, tls: true, listed: [{ server: { host: 'a', port: 2281 } }] };
    expect(configuredMember(second!, how)).toMatchObject({ name: 'b:2281', targets: [{ port: 2281, tls: true }] });
    expect(configuredMember(first!, how).targets).toEqual([{ host: 'a', port: 2181, tls: false }]);
    expect(configuredMember(second!, noAdmin)).toMatchObject({ name: 'b', targets: [] });
  });

  it('may be listed with ids, or without', () => {
    expect(parseMemberList('1=a:2181,[::1]:2182')).toEqual([
      { id: 1n, server: { host: 'a', port: 2181 } },
      { id: undefined, server: { host: '::1', port: 2182 } },
    ]);
    for (const text of ['', '1=', 'a:0', '1=a:2181/app', 'x=a:1']) expect(() => parseMemberList(text)).toThrow();
  });
});

describe('where its AdminServer is', () => {
  function urls(values: string[], { tls = false, named = true, host = 'zk3' } = {}): string[] {
    const how = { tls, admin: parseAdminChoice(values) };
    const [member] = listedMembers([{ id: named ? 3n : undefined, server: { host, port: 2181 } }], how);
    return member!.admin.map(({ url, certain }) => `${url}${certain ? '!' : ''}`);
  }

  it('is port 8080 of its host, with TLS behind https as well', () => {
    expect(urls([])).toEqual(['http://zk3:8080/commands']);
    expect(urls([], { tls: true })).toEqual(['http://zk3:8080/commands', 'https://zk3:8080/commands']);
    expect(urls([], { host: '::1' })).toEqual(['http://[::1]:8080/commands']);
  });

  it('is where --admin says, for all or for one', () => {
    expect(urls(['9090'])).toEqual(['http://zk3:9090/commands']);
    expect(urls(['https://{host}:8443'])).toEqual(['https://zk3:8443/commands']);
    expect(urls(['https://proxy/zk/{id}/commands'])).toEqual(['https://proxy/zk/3/commands']);
    expect(urls(['9090', '3=http://elsewhere:1/c'])).toEqual(['http://elsewhere:1/c!']);
    expect(urls(['zk3:2181=7000'])).toEqual(['http://zk3:7000/commands!']);
    expect(urls(['off'])).toEqual([]);
  });

  it('may be any of those named by id, while its id is not known', () => {
    expect(urls(['1=7001', '3=7003'], { named: false })).toEqual([
      'http://zk3:7001/commands',
      'http://zk3:7003/commands',
      'http://zk3:8080/commands',
    ]);
  });

  it('is refused where it can be no place', () => {
    for (const value of ['somewhere', 'ftp://a', '3=', '=1', '123456', '65536', '0', 'https://', 'http://h:99999']) {
      expect(() => parseAdminChoice([value]), value).toThrow('says not where');
    }
  });
});

describe('the lag behind the leader', () => {
  it.each([
    [0x100000005n, 0x100000005n, 0n],
    [0x100000002n, 0x100000005n, 3n],
    [0x100000007n, 0x100000005n, 0n],
    [0x100000007n, 0x200000005n, 5n],
    [0n, 0x100000000n, 0n],
    [0x300000000n, 0x200000005n, undefined],
    [undefined, 1n, undefined],
    [1n, undefined, undefined],
  ])('of %s behind %s is %s transactions', (zxid, leader, lag) => {
    expect(lagOf(zxid, leader)).toBe(lag);
  });
});
