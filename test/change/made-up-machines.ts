import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ChangeContext } from '../../src/change/context.ts';
import { Journal, type NewEntry } from '../../src/change/journal.ts';
import type { ChangeLock } from '../../src/change/lock.ts';
import type { Plan, Step } from '../../src/change/plan.ts';
import type { Making } from '../../src/change/run-change.ts';
import type { HostDriver } from '../../src/hosts/host.ts';
import { viewOf } from '../support/health-views.ts';
import { restartOf } from './made-up.ts';

export const OLD = 'tickTime=2000\n';
export const NEW = 'tickTime=3000\n';

/** A step that gives a member the new configuration, and takes it back when it fails. */
export function applyTo(member: bigint, over: Partial<Step> = {}): Step {
  const apply = (was: string, text: string) =>
    ({ do: 'apply-config', member, file: { path: '/zoo.cfg', text, mode: 0o640 }, was }) as const;
  const undo = [apply(NEW, OLD)];
  return restartOf(member, { action: apply(OLD, NEW), undo, rollBack: true, ...over });
}

/** The entries of steps that were made. */
export function made(...steps: readonly Step[]): NewEntry[] {
  return steps.flatMap(({ id }): NewEntry[] => [
    { type: 'begin', step: id, before: {} },
    { type: 'act', step: id, facts: {} },
    { type: 'acted', step: id, evidence: 'it runs', facts: {} },
    { type: 'done', step: id },
  ]);
}

/**
 * What a change is made with, on three machines of members that serve at once, 1 leading; time passes by sleeping alone.
 *
 * @param texts the configuration of each by its id; the old one when not given
 */
export async function makingOf(
  plan: Plan,
  entries: readonly NewEntry[],
  { texts = {}, ...over }: { texts?: Record<string, string> } & Partial<Omit<Making, 'context' | 'journal'>> = {},
): Promise<{ making: Making; restarts: bigint[]; configs: Map<bigint, string>; context: ChangeContext }> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-made-up-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const journal = await Journal.create(directory, plan, () => 0);
  onTestFinished(() => journal.close().catch(() => undefined));
  for (const entry of entries) await journal.write(entry);
  const configs = new Map([1n, 2n, 3n].map((id) => [id, texts[`${id}`] ?? OLD]));
  const restarts: bigint[] = [];
  const host = (id: bigint): Partial<HostDriver> => ({
    name: `zk${id}`,
    readFile: async () => Buffer.from(configs.get(id) ?? ''),
    writeFile: async (_, data) => void configs.set(id, data.toString()),
    service: {
      what: 'it',
      start: async () => undefined,
      stop: async () => undefined,
      restart: async () => void restarts.push(id),
      status: async () => ({ state: 'running', detail: 'it runs' }),
    },
  });
  let now = 0;
  const context: Partial<ChangeContext> = {
    observe: async () => viewOf([{ role: 'leader' }, { role: 'follower' }, { role: 'follower' }]).status,
    host: (id) => host(id) as HostDriver,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    signal: new AbortController().signal,
  };
  const making: Making = {
    journal,
    lock: { hold: async () => undefined } as unknown as ChangeLock,
    context: context as ChangeContext,
    hooks: { tell: () => undefined, stopBecause: () => undefined },
    ...over,
  };
  return { making, restarts, configs, context: making.context };
}
