import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, startZksh } from './built.ts';
import type { ScriptedEnsemble } from './scripted-ensemble.ts';
import { until } from './until.ts';

/** What a change says of itself in JSON. */
interface Made {
  kind: string;
  steps: { id: string; why: string }[];
  done: string[];
}

/** An ensemble with an operator who has its file, the secret of the super user and the built zksh. */
export interface Operated {
  ensemble: ScriptedEnsemble;
  journals: string;
  run(...argv: string[]): Promise<Ended>;
  start(...argv: string[]): ReturnType<typeof startZksh>;
  /** Makes a change that must end well. */
  change(...argv: string[]): Promise<Made>;
  voters(): Promise<number[]>;
  leader(): Promise<number>;
}

/**
 * @param onHost runs a program on the machine of a server
 * @param first servers that are started, and lead and follow when this returns
 */
export async function operated(
  ensemble: ScriptedEnsemble,
  first: readonly number[],
  onHost: (id: number, argv: readonly [string, ...string[]]) => Promise<unknown>,
): Promise<Operated> {
  const home = join(ensemble.directory, 'home');
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_STATE_HOME: join(home, 'state'),
    ZKSH_ENSEMBLE: ensemble.file,
    ZKSH_AUTH: ensemble.auth,
    ZKSH_STABILITY: '300ms',
    ZKSH_NO_CANARY: 'true',
  };
  const start = (...argv: string[]): ReturnType<typeof startZksh> => startZksh(argv, { env });
  const run = (...argv: string[]): Promise<Ended> => start(...argv).ended;
  const members = async (): Promise<{ id: string; configured: string | null; seen: string }[]> => {
    const { code, stdout, stderr } = await run('member', 'list', '-o', 'json');
    // 8: there is no quorum yet.
    expect([0, 8], stderr).toContain(code);
    return JSON.parse(stdout);
  };
  const leader = async (): Promise<number | undefined> => {
    const found = (await members()).find(({ seen }) => seen === 'leader');
    return found && Number(found.id);
  };
  await Promise.all(first.map((id) => onHost(id, ensemble.service('start', id))));
  const serving = async (): Promise<boolean> =>
    (await members()).filter(({ seen }) => seen === 'leader' || seen === 'follower').length === first.length;
  await until('the first members to serve', serving, 60_000);
  return {
    ensemble,
    journals: join(home, 'state', 'zksh', 'changes'),
    run,
    start,
    async change(...argv) {
      const { code, stdout, stderr } = await run(...argv, '--yes', '-o', 'json');
      expect({ argv, code, stderr: code === 0 ? '' : stderr }).toEqual({ argv, code: 0, stderr: '' });
      return JSON.parse(stdout);
    },
    voters: async () =>
      (await members()).filter(({ configured }) => configured === 'participant').map(({ id }) => Number(id)),
    leader: () => until('a leader', leader),
  };
}
