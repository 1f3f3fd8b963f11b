import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { sharedRelease, useEnsemble } from '../support/ensembles.ts';
import { resultLines, treeOf, zkCli, zksh } from './zkcli.ts';

/** What ten years of wikis say to type; all of it succeeds. */
const SCRIPT = `
create /app
create /app/config text
create /app/words "two words"
create /app/quoted 'it is "quoted"'
create /app/empty ""
create /app/ümläut grüezi
create /app/acl data world:anyone:cdrwa,ip:127.0.0.1:r
create -s /app/seq- x
create -s /app/seq- x
create -s -e /app/member- x
create -e /app/lock
create -c /app/container
create -t 600000 /app/ttl
create -s -t 600000 /app/ttl- x
ls /
ls /app
ls -s /app
ls -R /app
get /app
get /app/config
get /app/words
get /app/quoted
get /app/empty
get /app/ümläut
get -s /app/config
set /app/config new
set -s /app/config newer
set -v 2 /app/config guarded
set /app/words "three more words"
get /app/config
stat /app/config
stat /app/lock
getAcl /app
getAcl /app/acl
getAcl -s /app/acl
setAcl /app/config world:anyone:cdrwa,ip:10.0.0.0/8:r
setAcl -s /app/config world:anyone:crwa,ip:10.0.0.0/8:r
getAcl /app/config
addauth digest ops:secret
create /private data auth::cdrwa
getAcl /private
get /private
create /digest data digest:ops:C+7Hteo/D9vJXQ3UfzxbwnXaijM=:rw,world:anyone:cda
sync /app
whoami
getEphemerals
getEphemerals /app/lock
getEphemerals /nowhere
getAllChildrenNumber /app
getAllChildrenNumber /
create /limited x
create /limited/a 1234
setquota -n 10 /limited
listquota /limited
setquota -b 5000 /limited
listquota /limited
setquota -N 20 /limited
setquota -B 6000 /limited
listquota /limited
delquota -n /limited
listquota /limited
create /limited/b 5678
listquota /limited
create /freed
setquota -n 3 /freed
delquota /freed
create /old
create /old/a
create /old/a/b
create /old/a/c
delete /old/a/c
delete -v 0 /old/a/b
ls /old/a
setAcl -R /old world:anyone:cdrwa,ip:127.0.0.1:rw
getAcl /old/a
create /gone
create /gone/a
create /gone/a/b
create /gone/c
deleteall /gone
deleteall -b 2 /old
ls /
quit
`;

/** What must fail, and change nothing; zkCli exits 0 after some of it. */
const REFUSED = [
  'create /app',
  'create /missing/child',
  'create /app/lock/child',
  'create /double//slash',
  'create -c -e /both',
  'create -t 0 /ttl-none',
  'create /bad-acl x nonsense:id:r',
  'create',
  'get /missing',
  'set /missing x',
  'set -v 99 /app/config x',
  'set /app/config',
  'delete /missing',
  'delete -v 99 /app/config',
  'delete /app',
  'deleteall /missing',
  'stat /missing',
  'ls /missing',
  'getAcl /missing',
  'setAcl /missing world:anyone:r',
  'setAcl -v 99 /app/config world:anyone:r',
  'setAcl /app/config nonsense:id:r',
  'getAllChildrenNumber /missing',
  'setquota -n 1 /missing',
  'setquota -n 0 /app',
  'setquota -n 10 /limited/a',
  'listquota /app',
  'delquota /app',
  'no-such-command',
];

describe('one script of zkCli commands, by the real zkCli and by zksh', () => {
  const theirs = useEnsemble({ servers: 1 });
  const ours = useEnsemble({ servers: 1 });
  const clients: Client[] = [];
  const trees = () => Promise.all(clients.map(treeOf));

  beforeAll(async () => {
    // A super user sees digests as they are, and what the scripts have shut.
    for (const { connectString, superSecret } of [theirs(), ours()]) {
      const auth = [{ scheme: 'digest', auth: `super:${superSecret}` }];
      clients.push(await connect(connectString, { auth }));
    }
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
  });

  it('prints the same result lines and leaves the same tree', async () => {
    const [real, own] = [
      await zkCli(theirs().connectString, [], SCRIPT),
      await zksh(ours().connectString, ['--yes'], SCRIPT),
    ];
    expect(own.stderr.split('\n').filter((line) => !line.startsWith('warning: the secret'))).toEqual(['']);
    expect(own.code).toBe(0);
    const lines = resultLines(own.stdout);
    expect(lines).toEqual(resultLines(real.stdout));
    expect(lines.length).toBeGreaterThan(150);
    const [tree = [], ownTree] = await trees();
    expect(ownTree).toEqual(tree);
    expect(tree.length).toBeGreaterThan(20);
  });

  it.each([
    ['create', ['create', '/one-shot', 'text']],
    ['get', ['get', '/one-shot']],
    ['ls', ['ls', '-R', '/one-shot']],
    ['getAcl', ['getAcl', '/one-shot']],
  ])('does the same with %s as an argument of the launcher', async (_, argv) => {
    const [real, own] = [await zkCli(theirs().connectString, argv), await zksh(ours().connectString, argv)];
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(resultLines(own.stdout)).toEqual(resultLines(real.stdout));
  });

  it('refuses what zkCli refuses, and says so by its exit code too', async () => {
    const before = await trees();
    const script = REFUSED.map((line) => `${line}\n`).join('');
    await zkCli(theirs().connectString, [], script);
    const { stdout, stderr } = await zksh(ours().connectString, ['--yes', '--keep-going'], script);
    expect(stdout).toBe('');
    expect(stderr.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(REFUSED.length);
    expect(await trees()).toEqual(before);
  });
});

describe.skipIf(!(await mavenIsThere()))('zkCli 3.9 and zksh', () => {
  it.each([
    ['as base64', 'get', '-b', '/bytes'],
    ['as a hex dump', 'get', '-x', '/bytes'],
    ['as a hex dump, with the stat', 'get', '-s', '-x', '/bytes'],
  ])('print data %s alike', { timeout: 120_000 }, async (_, ...argv) => {
    const { connectString, version } = await sharedRelease('3.9.4');
    const root = `${connectString}/parity${argv.join('').replaceAll('/', '')}`;
    const client = await connect(connectString);
    await client.create(root.slice(connectString.length));
    await client.close();
    const inside = await connect(root);
    await inside.create('/bytes', Buffer.from(Array.from({ length: 70 }, (_, i) => i * 3)));
    await inside.close();
    const [real, own] = [await zkCli(root, argv, '', version), await zksh(root, argv)];
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(resultLines(own.stdout)).toEqual(resultLines(real.stdout));
    expect(resultLines(own.stdout)[0]).toMatch(argv.includes('-b') ? /^AAMG/ : /^ {9}\+--/);
  });
});
