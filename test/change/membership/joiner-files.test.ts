import { describe, expect, it } from 'vitest';
import { joinerDirectories, joinerFiles } from '../../../src/change/membership/joiner-files.ts';
import { parseProperties } from '../../../src/config/properties-file.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { parseServerLine } from '../../../src/ensemble/server-line.ts';

const OTHER = `# of zk1
tickTime=3000
dataDir=/var/lib/zookeeper
clientPort=2181
peerType=participant
server.1=zk1:2888:3888
admin.serverAddress=zk1
secureClientPortAddress=0.0.0.0
dynamicConfigFile=/etc/zookeeper/zoo.cfg.dynamic.100000000
reconfigEnabled=true
`;

const SOURCE = {
  line: parseServerLine('server.4=zk4:2888:3888:participant;2181'),
  members: parseDynamicConfig('server.1=zk1:2888:3888;2181\nserver.4=zk4:2888:3888:observer;2181'),
  base: { pieces: parseProperties(OTHER), host: 'zk1' },
  path: '/etc/zookeeper/zoo.cfg',
  dataDir: '/data/zk',
  dataLogDir: '/log/zk',
  set: [['admin.serverPort', '8081'] as const],
};

describe('the files of a server that joins', () => {
  const [dynamic, zooCfg, myid] = joinerFiles(SOURCE);

  it('tell it the members there are, and itself without a vote', () => {
    expect(dynamic).toEqual({
      path: '/etc/zookeeper/zoo.cfg.dynamic',
      text: 'server.1=zk1:2888:3888:participant;0.0.0.0:2181\nserver.4=zk4:2888:3888:observer;0.0.0.0:2181\n',
      mode: 0o640,
    });
    expect(myid).toMatchObject({ path: '/data/zk/myid', text: '4\n' });
  });

  it('take the settings of another member, and replace what each has for itself', () => {
    expect(zooCfg?.text).toBe(`# of zk1
tickTime=3000
dataDir=/data/zk
admin.serverAddress=zk4
secureClientPortAddress=0.0.0.0
dynamicConfigFile=/etc/zookeeper/zoo.cfg.dynamic
reconfigEnabled=true
dataLogDir=/log/zk
standaloneEnabled=false
admin.serverPort=8081
`);
  });

  it('need the directories of its own', () => {
    expect(joinerDirectories(SOURCE)).toEqual(['/etc/zookeeper', '/data/zk', '/log/zk']);
  });
});
