import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { open } from '../../src/local/ensemble.ts';
import { type Ended, startZksh, zksh } from './built.ts';
import { ownDirectory } from './own-directory.ts';

/** A home with a local ensemble of its own, whose context is the current one. */
export interface Home {
  run(argv: readonly string[]): Promise<Ended>;
  start(argv: readonly string[]): ReturnType<typeof startZksh>;
  env: Record<string, string>;
  journals: string;
  servers(): Promise<string>;
  /** Path of the zoo.cfg of a member. */
  config(id: number): string;
  configText(id: number): Promise<string>;
  pids(): Promise<(number | undefined)[]>;
  leader(): Promise<number | undefined>;
}

export function useHome(name: string, up: readonly string[] = []): () => Home {
  let made: { home: string; env: Record<string, string> } | undefined;
  beforeAll(async () => {
    const home = await ownDirectory('home');
    const env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state'), HOME: home };
    made = { home, env };
    expect(await zksh(['local', 'up', name, ...up], { env })).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(async () => {
    if (made === undefined) return;
    await zksh(['local', 'down', name, '--yes'], { env: made.env });
    await rm(made.home, { recursive: true, force: true });
  }, 60_000);
  return () => {
    if (made === undefined) throw new Error('the home is only there inside tests');
    const { env, home } = made;
    const journals = join(home, 'state', 'zksh', 'changes');
    const config = (id: number) => join(home, 'state', 'zksh', 'local', name, `member-${id}`, 'zoo.cfg');
    const ensemble = () => open({ name, stateDir: join(home, 'state', 'zksh', 'local') });
    return {
      run: (argv) => zksh(argv, { env }),
      start: (argv) => startZksh(argv, { env }),
      env,
      journals,
      config,
      configText: (id) => readFile(config(id), 'latin1'),
      servers: async () => (await ensemble()).connectString,
      pids: async () => (await ensemble()).members.map(({ pid }) => pid),
      leader: async () => {
        const { stdout } = await zksh(['status', '-o', 'json'], { env });
        return (JSON.parse(stdout) as { members: { id: number; role: string }[] }).members.find(
          ({ role }) => role === 'leader',
        )?.id;
      },
    };
  };
}

/** Names of the journals of a home. */
export async function journalsIn({ journals }: Home): Promise<string[]> {
  return (await readdir(journals).catch(() => [])).sort();
}

/** What a stream has said so far. */
export function told(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
