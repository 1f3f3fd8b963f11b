import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ChangeContext } from '../context.ts';
import type { ActionOf, Doing, ServiceAction } from './action.ts';
import { service } from './service.ts';

const MAX_BYTES = 1024 * 1024;

/** Gives a member another list of members. Without reconfiguration no server writes that file: it is compared to the byte. */
export const applyList: Doing<ActionOf<'apply-list'>> = {
  before: async (context, action) => {
    await whatIsThere(context, action);
    return service.before(context, deedOf(action));
  },
  perform: async (context, action, version) => {
    const { member, file } = action;
    if ((await whatIsThere(context, action)) === 'old') {
      const { path, text, mode } = file;
      await context.host(member).writeFile(path, Buffer.from(text, 'latin1'), { mode, signal: context.signal });
    }
    const { evidence } = await service.perform(context, deedOf(action), version);
    return { evidence: `${file.path} written; ${evidence}` };
  },
  happened: async (context, action, before) => {
    if ((await whatIsThere(context, action)) === 'old')
      return { answer: 'no', evidence: `${action.file.path} is as it was` };
    return service.happened(context, deedOf(action), before);
  },
};

/** The end of a change of lists: nobody else has written one meanwhile. */
export const checkLists: Doing<ActionOf<'check-lists'>> = {
  before: async () => ({}),
  perform: async (context, { files }) => {
    const other = await differing(context, files);
    if (other.length > 0) throw changed(other.join(', '));
    return { evidence: `${files.length} files are as they were written` };
  },
  // Looking again is all there is to it.
  happened: async () => ({ answer: 'no', evidence: 'it is looked at again' }),
};

async function differing(context: ChangeContext, files: ActionOf<'check-lists'>['files']): Promise<string[]> {
  const found = await Promise.all(
    files.map(async ({ member, path, text }) => {
      const host = context.host(member);
      return (await textOf(context, member, path)) === text ? [] : [`${path} on ${host.name}`];
    }),
  );
  return found.flat();
}

/** @throws ZkshError `CONFIG_CHANGED` for a text that is neither */
async function whatIsThere(
  context: ChangeContext,
  { member, file: { path, text }, was }: ActionOf<'apply-list'>,
): Promise<'old' | 'new'> {
  const there = await textOf(context, member, path);
  if (there === text) return 'new';
  if (there === was) return 'old';
  throw changed(`${path} on ${context.host(member).name}`);
}

async function textOf(context: ChangeContext, member: bigint, path: string): Promise<string> {
  const { signal } = context;
  return (await context.host(member).readFile(path, { maxBytes: MAX_BYTES, signal })).toString('latin1');
}

function deedOf({ member, deed }: ActionOf<'apply-list'>): ServiceAction {
  return { do: deed, member };
}

function changed(what: string): ZkshError {
  return new ZkshError(`somebody else changed ${what}`, {
    code: 'CONFIG_CHANGED',
    exitCode: ExitCode.conflict,
    hint: 'It was left as it is. Look at it: the lists of the members must agree before this goes on.',
  });
}
