import { sameConfig } from '../../config/roll-out/config-change.ts';
import type { HostDriver } from '../../hosts/host.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ChangeContext } from '../context.ts';
import type { ActionOf, Doing, FileToWrite, ServiceAction } from './action.ts';
import { service } from './service.ts';

/** A configuration file is some kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** Makes directories and writes files on the host of a member. */
export const writeFiles: Doing<ActionOf<'write-files'>> = {
  before: async () => ({}),
  perform: async (context, { member, directories, files, owner }) => {
    const host = context.host(member);
    const { signal } = context;
    for (const path of directories) await host.makeDirectory(path, { mode: 0o750, owner, signal });
    for (const file of files) await write(host, file, signal, owner);
    return { evidence: `${files.length} files on ${host.name}` };
  },
  happened: async (context, { member, files }) => {
    const host = context.host(member);
    const same = await Promise.all(files.map((file) => holds(host, file, context.signal)));
    const evidence = `${same.filter(Boolean).length} of ${files.length} files are as they shall be`;
    return { answer: same.every(Boolean) ? 'yes' : 'no', evidence };
  },
};

/** Writes the configuration of a member and restarts it with that. */
export const applyConfig: Doing<ActionOf<'apply-config'>> = {
  before: async (context, action) => {
    await whatIsThere(context, action);
    return service.before(context, restartOf(action));
  },
  perform: async (context, action, version) => {
    const there = await whatIsThere(context, action);
    if (there !== 'new') await write(context.host(action.member), action.file, context.signal);
    const { evidence } = await service.perform(context, restartOf(action), version);
    return { evidence: `${action.file.path} written; ${evidence}` };
  },
  happened: async (context: ChangeContext, action, before) => {
    if ((await whatIsThere(context, action)) === 'old')
      return { answer: 'no', evidence: `${action.file.path} is as it was` };
    return service.happened(context, restartOf(action), before);
  },
};

/** Which of the two configurations a member has. @throws ZkshError `CONFIG_CHANGED` where somebody made it a third */
async function whatIsThere(
  context: ChangeContext,
  { member, file: { path, text }, was }: ActionOf<'apply-config'>,
): Promise<'old' | 'new'> {
  const host = context.host(member);
  const there = (await host.readFile(path, { maxBytes: MAX_BYTES, signal: context.signal })).toString('latin1');
  if (sameConfig(there, text)) return 'new';
  if (sameConfig(there, was)) return 'old';
  throw new ZkshError(`${path} on ${host.name} is not as it was: somebody else changed it`, {
    code: 'CONFIG_CHANGED',
    exitCode: ExitCode.conflict,
    hint: 'It was left as it is. Look at it, and plan anew.',
  });
}

function restartOf({ member }: ActionOf<'apply-config'>): ServiceAction {
  return { do: 'restart', member };
}

async function write(
  host: HostDriver,
  { path, text, mode }: FileToWrite,
  signal: AbortSignal,
  owner?: string,
): Promise<void> {
  await host.writeFile(path, Buffer.from(text, 'latin1'), { mode, owner, signal });
}

async function holds(host: HostDriver, { path, text }: FileToWrite, signal: AbortSignal): Promise<boolean> {
  if ((await host.stat(path, { signal }))?.kind !== 'file') return false;
  return (await host.readFile(path, { maxBytes: MAX_BYTES, signal })).equals(Buffer.from(text, 'latin1'));
}
