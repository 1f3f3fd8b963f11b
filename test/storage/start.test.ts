import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { kill, start } from '../../src/local/ensemble.ts';
import { readDataDirectory } from '../../src/storage/data-directory.ts';
import { localFiles } from '../../src/storage/local-files.ts';
import { readTransactionLog, type TransactionLog } from '../../src/storage/transaction-log.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';

/** What is done to the last log of a server that was killed. */
const HARM: readonly (readonly [string, 'starts' | 'refuses', (log: TransactionLog) => Promise<void>])[] = [
  ['nothing', 'starts', async () => undefined],
  ['its last transaction is cut', 'starts', ({ path, end }) => truncate(path, end.offset - 7)],
  ['its last end mark is missing', 'starts', ({ path, end }) => change(path, end.offset - 1, 0)],
  ['a byte of its last transaction is another', 'refuses', ({ path, end }) => change(path, end.offset - 2, 0xee)],
  [
    'garbage stands at its end',
    'refuses',
    ({ path, end }) => change(path, end.offset, ...Array.from({ length: 60 }, () => 7)),
  ],
  ['its magic is wrong', 'refuses', ({ path }) => change(path, 0, 0)],
];

async function change(path: string, offset: number, ...values: number[]): Promise<void> {
  const bytes = await readFile(path);
  for (const [at, value] of values.entries()) bytes[offset + at] = value;
  await writeFile(path, bytes);
}

describe('what a start would do is what a real server does', () => {
  it('when its last log is harmed', { timeout: 300_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const { id, dir, host, clientPort } = ensemble.members[0]!;
    const [data, copy] = [join(dir, 'data'), join(dir, 'copy')];
    const client = await connect(ensemble.connectString);
    for (let index = 0; index < 20; index++) await client.create(`/n${index}`, 'x');
    await kill(ensemble, id);
    await client.close({ timeout: 100 }).catch(() => undefined);
    await cp(data, copy, { recursive: true });
    for (const [what, outcome, harm] of HARM) {
      await rm(data, { recursive: true });
      await cp(copy, data, { recursive: true });
      const { logs } = await readDataDirectory(localFiles, { dataDir: data });
      await harm(await readTransactionLog(localFiles, join(data, 'version-2', logs.at(-1)!.name)));
      const { problems, restored } = await readDataDirectory(localFiles, { dataDir: data });
      expect(
        problems.some(({ gravity }) => gravity === 'refuses'),
        what,
      ).toBe(outcome === 'refuses');
      if (outcome === 'refuses') {
        await expect(start(ensemble, id, { timeout: 20_000 }), what).rejects.toMatchObject({ code: 'START_FAILED' });
        await kill(ensemble, id);
        continue;
      }
      await start(ensemble, id);
      const status = parseServerStatus(await fourLetterWord({ host, port: clientPort, word: 'srvr' }));
      expect(status?.zxid, what).toBe(restored.zxid);
      await kill(ensemble, id);
    }
  });
});
