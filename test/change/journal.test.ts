import { appendFile, type FileHandle, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal, readChange, readChanges } from '../../src/change/journal.ts';
import { planWith, restartOf } from './made-up.ts';

const plan = planWith([restartOf(1n), restartOf(2n)]);

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'changes');
}

async function begun(directory: string): Promise<string> {
  const journal = await Journal.create(directory, plan, () => 5);
  await journal.write({ type: 'begin', step: 'restart-1', before: {} });
  await journal.close();
  return journal.path;
}

describe('a journal', () => {
  it('holds a plan as it is, 64-bit numbers too, in a file for its owner alone', async () => {
    const directory = await folder();
    const path = await begun(directory);
    expect(await readChange(directory, plan.id)).toEqual([
      { at: 5, type: 'plan', plan },
      { at: 5, type: 'begin', step: 'restart-1', before: {} },
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('that was cut off in its last line is read to the line before, and written on from there', async () => {
    const directory = await folder();
    const path = await begun(directory);
    const whole = await readFile(path, 'utf8');
    await appendFile(path, '{"at":6,"type":"act","st');
    expect(await readChange(directory, plan.id)).toHaveLength(2);
    const journal = await Journal.reopen(directory, plan.id, () => 7);
    await journal.write({ type: 'resumed' });
    await journal.close();
    expect(await readFile(path, 'utf8')).toBe(`${whole}{"at":7,"type":"resumed"}\n`);
  });

  it('is written no further once a line was cut off by a full disk: the next would be no line of its own', async () => {
    const directory = await folder();
    const path = await begun(directory);
    const journal = await Journal.reopen(directory, plan.id, () => 6);
    const file = await open(path, 'a');
    const full = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'appendFile');
    await file.close();
    full.mockImplementationOnce(async () => {
      await appendFile(path, '{"at":6,"type":"act","st');
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    onTestFinished(() => full.mockRestore());
    await expect(journal.write({ type: 'resumed' })).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    // There may be room again by then.
    await expect(journal.write({ type: 'resumed' })).rejects.toThrow('no space left on device');
    await journal.close();
    expect(await readChange(directory, plan.id)).toHaveLength(2);
  });

  it('with a damaged line before its last is refused: what was done cannot be told', async () => {
    const directory = await folder();
    const path = await begun(directory);
    await appendFile(path, 'x\n{"at":7,"type":"resumed"}\n');
    await expect(readChange(directory, plan.id)).rejects.toMatchObject({
      code: 'BAD_JOURNAL',
      message: `line 3 of ${path} cannot be read`,
    });
  });

  it.each(['{"at":1,"type":"done","step":"restart-1"}\n', '[]\n', '{"at":1,"type":"plan"}\n'])(
    'is not taken for one when it begins with %j',
    async (text) => {
      const directory = await folder();
      const path = await begun(directory);
      await writeFile(path, text);
      await expect(readChange(directory, plan.id)).rejects.toMatchObject({ code: 'BAD_JOURNAL' });
    },
  );

  it('is made once: a second process with the same plan gets none', async () => {
    const directory = await folder();
    await begun(directory);
    await expect(Journal.create(directory, plan, () => 5)).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      hint: expect.stringContaining('Without it nothing is changed'),
    });
    expect(await readChange(directory, plan.id)).toHaveLength(2);
  });

  it('that two processes write has the lines of both, none in the middle of another', async () => {
    const directory = await folder();
    await begun(directory);
    const [a, b] = await Promise.all([1, 2].map((at) => Journal.reopen(directory, plan.id, () => at)));
    await Promise.all(
      [a, b].flatMap((one, i) =>
        Array.from({ length: 20 }, () =>
          one?.write({ type: 'acted', step: `s${i}`, evidence: 'x'.repeat(5000), facts: {} }),
        ),
      ),
    );
    await Promise.all([a?.close(), b?.close()]);
    const entries = await readChange(directory, plan.id);
    expect(entries).toHaveLength(42);
  });

  it('cannot be made where nothing can be written, which is said before anything is changed', async () => {
    const directory = await folder();
    await writeFile(directory, 'a file');
    await expect(Journal.create(directory, plan, () => 5)).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      exitCode: 1,
    });
  });
});

describe('the journals of a directory', () => {
  it('are read the newest last, without what was killed before its plan was written', async () => {
    const directory = await folder();
    await begun(directory);
    const later = { ...plan, id: '20260102-000000-rolling-restart-aaaa' };
    await (await Journal.create(directory, later, () => 6)).close();
    await writeFile(join(directory, '20260103-000000-rolling-restart-zzzz.jsonl'), '{"at":1,"ty');
    await writeFile(join(directory, 'notes.txt'), 'nothing of ours');
    const read = await readChanges(directory);
    expect(read.map(([first]) => first?.type === 'plan' && first.plan.id)).toEqual([plan.id, later.id]);
  });

  it('are none where there is no directory', async () => {
    expect(await readChanges('/nowhere/at/all')).toEqual([]);
  });

  it.each(['nothing', '../secret', '/etc/passwd', ''])(
    'have none of the id %j, which is said with exit code 3',
    async (id) => {
      await expect(readChange(await folder(), id)).rejects.toMatchObject({ code: 'NO_CHANGE', exitCode: 3 });
    },
  );
});
