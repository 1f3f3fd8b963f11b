import { describe, expect, it } from 'vitest';
import { listIn, withList } from '../../../../src/change/membership/static/list-file.ts';
import { parseDynamicConfig } from '../../../../src/ensemble/dynamic-config.ts';

const ZOO_CFG = `# the ensemble\r
tickTime = 2000\r
server.1 = 0.0.0.0:2888:3888\r
# the second one\r
server.2:zk2:2888:3888\r
server.3=zk3:2888:3888:observer\r
peerType=participant\r
`;

const THREE = 'server.1=zk1:2888:3888;2181\nserver.2=zk2:2888:3888;2181\n';

describe('the list in the file of a member', () => {
  it('is read from whichever file it stands in', () => {
    expect(listIn(ZOO_CFG).servers.map(({ id, role }) => `${id} ${role}`)).toEqual([
      '1 participant',
      '2 participant',
      '3 observer',
    ]);
  });

  it('stays as it is, to the byte, where it says that already, its own name of itself included', () => {
    const same = parseDynamicConfig(`${THREE}server.3=zk3:2888:3888:observer;2181`);
    expect(withList(ZOO_CFG, same, 1n)).toBe(ZOO_CFG);
  });

  it('gets a new line behind the others, in their style, and loses one that goes', () => {
    const four = parseDynamicConfig(`${THREE}server.4=zk4:2888:3888;2181`);
    expect(withList(ZOO_CFG, four, 1n)).toBe(
      ZOO_CFG.replace('server.3=zk3:2888:3888:observer\r\n', 'server.4=zk4:2888:3888\r\n'),
    );
    expect(withList('server.1=zk1:2888:3888:participant;2181', parseDynamicConfig(THREE), 1n)).toBe(
      'server.1=zk1:2888:3888:participant;2181\nserver.2=zk2:2888:3888:participant;0.0.0.0:2181',
    );
  });

  it('changes the part of one, and of itself in peerType, too', () => {
    const promoted = parseDynamicConfig(`${THREE}server.3=zk3:2888:3888;2181`);
    const before = ZOO_CFG.replace('0.0.0.0', 'zk1');
    const after = before.replace('3888:observer', '3888');
    expect(withList(before, promoted, 2n)).toBe(after);
    expect(withList(before.replace('peerType=participant', 'peerType=observer'), promoted, 3n)).toBe(after);
  });
});
