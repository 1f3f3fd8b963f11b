import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import Create from '../../commands/create.ts';
import Delete from '../../commands/delete.ts';
import DeleteAll from '../../commands/deleteall.ts';
import DelQuota from '../../commands/delquota.ts';
import Exists from '../../commands/exists.ts';
import Find from '../../commands/find.ts';
import Get from '../../commands/get.ts';
import GetAcl from '../../commands/getAcl.ts';
import GetAllChildrenNumber from '../../commands/getAllChildrenNumber.ts';
import GetEphemerals from '../../commands/getEphemerals.ts';
import Grep from '../../commands/grep.ts';
import JsonDel from '../../commands/json/del.ts';
import JsonGet from '../../commands/json/get.ts';
import JsonMerge from '../../commands/json/merge.ts';
import JsonSet from '../../commands/json/set.ts';
import ListQuota from '../../commands/listquota.ts';
import Ls from '../../commands/ls.ts';
import SetData from '../../commands/set.ts';
import SetAcl from '../../commands/setAcl.ts';
import SetQuota from '../../commands/setquota.ts';
import StatCommand from '../../commands/stat.ts';
import Sync from '../../commands/sync.ts';
import Touch from '../../commands/touch.ts';
import WhoAmI from '../../commands/whoami.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const ROOT = '/json-contract';

/** In this order: each finds what those before it have left. */
const LINES: readonly [string, unknown, ...string[]][] = [
  ['create', Create, `${ROOT}/a`, 'text'],
  ['create --parents', Create, '--parents', '-e', '-s', `${ROOT}/p/q/e-`],
  ['get', Get, `${ROOT}/a`],
  ['get of null', Get, ROOT],
  ['get -b', Get, '-b', `${ROOT}/a`],
  ['ls', Ls, ROOT],
  ['ls -R', Ls, '-R', ROOT],
  ['ls -R -s', Ls, '-R', '-s', ROOT],
  ['set', SetData, `${ROOT}/a`, 'new'],
  ['stat', StatCommand, `${ROOT}/a`],
  ['exists', Exists, `${ROOT}/a`],
  ['exists not', Exists, `${ROOT}/nothing`],
  ['touch', Touch, `${ROOT}/a`],
  ['sync', Sync, ROOT],
  ['getAcl', GetAcl, ROOT],
  ['setAcl', SetAcl, ROOT, 'world:anyone:cdrwa'],
  ['setAcl -R', SetAcl, '-R', '--yes', ROOT, 'world:anyone:cdrwa'],
  ['whoami', WhoAmI],
  ['getEphemerals', GetEphemerals, ROOT],
  ['getAllChildrenNumber', GetAllChildrenNumber, ROOT],
  ['setquota', SetQuota, '-n', '100', '-B', '100000', ROOT],
  ['listquota', ListQuota, ROOT],
  ['delquota', DelQuota, ROOT],
  ['json set', JsonSet, '-p', `${ROOT}/p`, '/a/b', '[1, "x"]'],
  ['json set --dry-run', JsonSet, `${ROOT}/p`, 'a.b[-]', '2', '--dry-run'],
  ['json merge', JsonMerge, `${ROOT}/p`, '{"c": 12345678901234567890}'],
  ['json get', JsonGet, `${ROOT}/p`],
  ['json del', JsonDel, `${ROOT}/p`, '/c'],
  ['find', Find, ROOT, '--name', 'a'],
  ['find --acl', Find, ROOT, '--name', 'a', '--acl', 'world:anyone'],
  ['find --exec', Find, ROOT, '--name', 'a', '--exec', 'echo {}'],
  ['find --delete --dry-run', Find, ROOT, '--delete', '--dry-run', '--name', 'p'],
  ['find --delete', Find, ROOT, '--delete', '--yes', '--name', 'p'],
  ['grep', Grep, 'b', `${ROOT}/p`],
  ['grep -l', Grep, 'b', `${ROOT}/p`, '-l'],
  ['grep -c', Grep, 'b', `${ROOT}/p`, '-c'],
  ['deleteall --dry-run', DeleteAll, '--dry-run', ROOT],
  ['deleteall', DeleteAll, '--yes', `${ROOT}/p`],
  ['delete', Delete, `${ROOT}/a`],
];

/** Every stat has the same fields: shown once, under its own name. */
const STAT = 'cversion dataLength numChildren pzxid czxid mzxid ctime mtime version aversion ephemeralOwner'.split(' ');

/** A result with its values replaced by what kind of value stands there. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'time (RFC 3339)';
    return /^-?\d+$/.test(value) ? 'decimal' : value.replaceAll(/\d{10}/g, 'counter');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isDeepStrictEqual(Object.keys(value).sort(), STAT.toSorted())) return 'stat';
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shape(field)]));
}

function entriesOf(stat: object): unknown {
  return Object.fromEntries(Object.entries(stat).map(([key, field]) => [key, shape(field)]));
}

describe('the JSON of the znode commands', () => {
  let client: Client;

  beforeAll(async () => {
    client = await connect((await sharedEnsemble('standalone')).connectString);
    await client.create(ROOT, null);
    return () => client.close();
  });

  it('is what znode-commands.json says: change it on purpose, with vitest -u', async () => {
    const contract: Record<string, unknown> = {};
    for (const [name, Class, ...argv] of LINES) {
      const { stdout, stderr } = await runCommand(Class, [...argv, '-o', 'json'], { session: async () => client });
      expect([name, stderr]).toEqual([name, '']);
      contract[name] = shape(JSON.parse(stdout));
      if (name === 'stat') contract['the stat of all'] = entriesOf(JSON.parse(stdout).stat);
    }
    await expect(`${JSON.stringify(contract, null, 2)}\n`).toMatchFileSnapshot('znode-commands.json');
  });
});
