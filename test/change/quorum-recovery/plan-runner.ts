import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Quorum from '../../../commands/quorum.ts';
import Reconfig from '../../../commands/reconfig.ts';
import Status from '../../../commands/status.ts';
import { parseProperties, printProperties, removeProperty, setProperty } from '../../../src/config/properties-file.ts';
import { start, stop } from '../../../src/local/ensemble.ts';
import type { TestEnsemble } from '../../support/ensembles.ts';
import { runCommand } from '../../support/run-command.ts';
import { until } from '../../support/until.ts';

/** A step of the plan as its JSON has it. */
export interface Step {
  number: number;
  phase: 'recover' | 'grow';
  member: string;
  kind: string;
  command?: string;
  path?: string | null;
  file?: string;
  content?: string;
  remove?: string[];
  set?: Record<string, string>;
  myid?: string;
  until?: string;
}

/** Takes a step exactly as it is written; the places of files that the plan cannot know are those of local members. */
export async function take(ensemble: TestEnsemble, step: Step): Promise<void> {
  const member = ensemble.members.find(({ id }) => `${id}` === step.member)!;
  const place = step.path ?? join(member.dir, step.kind === 'empty' ? 'data' : (step.file ?? ''));
  if (step.kind === 'stop') await stop(ensemble, member.id);
  else if (step.kind === 'start') await start(ensemble, member.id);
  else if (step.kind === 'write') await writeFile(place, step.content!);
  else if (step.kind === 'edit') await edit(place, step, member.dir);
  else if (step.kind === 'empty') await empty(place, step.myid!);
  else if (step.kind === 'run') await run(ensemble, step.command!);
  else if (step.command!.startsWith('zksh status')) await serving(ensemble, step);
  else await listed(step);
}

async function edit(path: string, { remove, set }: Step, directory: string): Promise<void> {
  let file = parseProperties(await readFile(path, 'latin1'));
  for (const key of remove!) file = removeProperty(file, key);
  for (const [key, value] of Object.entries(set!)) {
    const named = /^the path of (\S+)$/.exec(value)?.[1];
    file = setProperty(file, key, named === undefined ? value : join(directory, named));
  }
  await writeFile(path, printProperties(file), 'latin1');
}

async function empty(directory: string, myid: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await writeFile(join(directory, 'myid'), `${myid}\n`);
}

async function run(ensemble: TestEnsemble, command: string): Promise<void> {
  if (!command.startsWith('zksh ')) {
    await promisify(execFile)('sh', ['-c', command]);
    return;
  }
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!).slice(2);
  const argv = words.map((word) => word.replace('file:PATH', `file:${ensemble.superAuth.secretFile}`));
  const ran = await runCommand(Reconfig, argv);
  if (ran.code !== 0) throw new Error(`${command}: ${ran.stderr}`);
}

/** `zksh quorum` lists the member, and it serves. */
async function listed({ command, member }: Step): Promise<void> {
  await until(`${command}: member ${member} serves`, async () => {
    const { stdout } = await runCommand(Quorum, [...command!.split(' ').slice(2), '-o', 'json']);
    const { members } = JSON.parse(stdout || '{"members":[]}') as { members: { id: string; role: string }[] };
    return members.some(({ id, role }) => id === member && ['leader', 'follower'].includes(role));
  });
}

async function serving(ensemble: TestEnsemble, { command, until: state, member }: Step): Promise<void> {
  if (/answers/.test(state!)) return;
  const wanted = ['standalone', 'observer', 'follower', 'leader'].filter((role) => state!.includes(role));
  // A server line of 3.4 has no client port, and here every member has another.
  const known = ensemble.members.some(({ host, clientPort }) => command!.endsWith(`${host}:${clientPort}`));
  const { host, clientPort } = ensemble.members.find(({ id }) => `${id}` === member)!;
  const argv = known ? command!.split(' ').slice(2) : ['--members', `${host}:${clientPort}`];
  await until(
    `${command}: ${state}`,
    async () => {
      const { stdout } = await runCommand(Status, [...argv, '-o', 'json']);
      const { members } = JSON.parse(stdout || '{"members":[]}') as { members: { role: string }[] };
      return members.some(({ role }) => wanted.includes(role));
    },
    60_000,
  );
}
