import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Ephemerals from '../../commands/ephemerals.ts';
import Kill from '../../commands/sessions/kill.ts';
import Show from '../../commands/sessions/show.ts';
import List from '../../commands/sessions.ts';
import Watches from '../../commands/watches.ts';
import Who from '../../commands/who.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { hex64 } from '../../src/protocol/zxid.ts';
import { type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const ROOT = '/sessions-json-contract';

/** A result with its values replaced by what kind of value stands there. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'time (RFC 3339)';
    if (/^0x[0-9a-f]+$/.test(value)) return 'hexadecimal';
    return /^-?\d+$/.test(value) ? 'decimal' : value.replaceAll(/(?<=:)\d{4,5}\b/g, 'PORT');
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shape(field)]));
}

describe('the JSON of the commands about sessions', () => {
  const ensemble = useEnsemble({ servers: 1 });
  let client: Client;

  beforeAll(async () => {
    client = await connect(ensemble().connectString);
    await client.create(ROOT, '', { mode: 'ephemeral' });
    await client.getData(ROOT, { watch: true });
  });
  afterAll(() => client?.close());

  it('is what sessions-commands.json says: change it on purpose, with vitest -u', async () => {
    const id = hex64(client.sessionId);
    const lines: [string, unknown, ...string[]][] = [
      ['sessions', List],
      ['sessions --light', List, '--light'],
      ['sessions show', Show, id],
      ['who', Who, ROOT],
      ['who --no-watches', Who, ROOT, '--no-watches'],
      ['watches', Watches],
      ['watches --by-path', Watches, '--by-path'],
      ['watches --by-session', Watches, '--by-session'],
      ['ephemerals', Ephemerals],
      ['ephemerals --by-session', Ephemerals, '--by-session'],
      ['sessions kill --dry-run', Kill, id, '--dry-run'],
      ['sessions kill', Kill, id, '--yes'],
    ];
    const contract: Record<string, unknown> = {};
    for (const [name, Class, ...argv] of lines) {
      const { stdout, stderr } = await runCommand(Class, [...argv, ...where(ensemble()), '-o', 'json']);
      if (stdout === '') throw new Error(`${name}: ${stderr}`);
      contract[name] = shape(JSON.parse(stdout));
    }
    await expect(`${JSON.stringify(contract, null, 2)}\n`).toMatchFileSnapshot('sessions-commands.json');
  });
});

function where({ connectString }: TestEnsemble): string[] {
  return ['-S', connectString, '--admin', 'off'];
}
