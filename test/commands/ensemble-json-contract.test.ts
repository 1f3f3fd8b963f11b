import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import AddWatch from '../../commands/addWatch.ts';
import Config from '../../commands/config.ts';
import Edit from '../../commands/edit.ts';
import Multi from '../../commands/multi.ts';
import Reconfig from '../../commands/reconfig.ts';
import RemoveWatches from '../../commands/removewatches.ts';
import Watch from '../../commands/watch.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

const ROOT = '/ensemble-json-contract';
const OPERATIONS = [`create ${ROOT}/a text`, `set ${ROOT}/a @@`, `check ${ROOT}/a 1`, `delete -v 1 ${ROOT}/a`];

const LINES: readonly [string, unknown, ...string[]][] = [
  ['config', Config],
  ['config -s', Config, '-s'],
  ['reconfig --dry-run', Reconfig, '-remove', '3', '--dry-run'],
  ['multi', Multi, ...OPERATIONS, '--yes'],
  ['multi --dry-run', Multi, ...OPERATIONS, '--dry-run'],
  ['edit', Edit, ROOT],
  ['edit --dry-run', Edit, ROOT, '--dry-run'],
  ['addWatch', AddWatch, ROOT],
  ['removewatches', RemoveWatches, ROOT],
  ['watch --initial', Watch, ROOT, '--initial', '--data', '--exec', 'echo seen', '--count', '1'],
];

/** A result with its values replaced by what kind of value stands there. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'time (RFC 3339)';
    return /^-?\d{2,}$/.test(value) ? 'decimal' : value.replaceAll(/(?<=:)\d{4,5}\b/g, 'PORT');
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('mzxid' in value && 'numChildren' in value) return 'stat';
  if ('utf8' in value) return { utf8: 'text' };
  // Servers from 3.9 on tell the zxid of an event.
  const fields = Object.entries(value).filter(([key]) => key !== 'zxid');
  return Object.fromEntries(fields.map(([key, field]) => [key, shape(field)]));
}

describe('the JSON of the commands around transactions, watches and membership', () => {
  let client: Client;

  beforeAll(async () => {
    client = await connect((await sharedEnsemble('three')).connectString);
    await client.create(ROOT, 'old');
  });
  afterAll(() => client?.close());

  it('is what ensemble-commands.json says: change it on purpose, with vitest -u', async () => {
    const contract: Record<string, unknown> = {};
    const env = { PATH: process.env.PATH ?? '', EDITOR: 'echo new text >>' };
    for (const [name, Class, ...argv] of LINES) {
      const place = { session: async () => client, cwd: '/', env };
      const running = runCommand(Class, [...argv, '-o', 'json'], place);
      if (name.startsWith('watch')) await until('the watch', () => client.held.watches.length > 0);
      if (name.startsWith('watch')) await client.setData(ROOT, 'watched');
      contract[name] = shape(JSON.parse((await running).stdout));
    }
    for (const name of ['config', 'config -s']) Object.assign(contract[name] as object, { versionHex: 'hexadecimal' });
    await expect(`${JSON.stringify(contract, null, 2)}\n`).toMatchFileSnapshot('ensemble-commands.json');
  });
});
