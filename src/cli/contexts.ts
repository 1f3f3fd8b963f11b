import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import type { Context, Contexts } from './context.ts';
import { checkContexts } from './contexts-check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `ZKSH_CONFIG_DIR`, or `zksh` under the XDG configuration directory. */
export function configDirectory(env: Environment): string {
  return env.ZKSH_CONFIG_DIR ?? join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config'), 'zksh');
}

/** The path of the file of contexts. */
export function contextsFile(env: Environment): string {
  return join(configDirectory(env), 'contexts.json');
}

/** Reads the file; no file is no contexts. Throws a ZkshError that names the file and the field that is wrong. */
export async function loadContexts(file: string): Promise<Contexts> {
  const { readFile } = await import('node:fs/promises');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return { contexts: {} };
    throw unreadable(file, error);
  }
  return checkContexts(parseJson(text, file), file);
}

/** Changes the file: atomically, readable by its owner only, in a directory readable by its owner only. */
export async function updateContexts(file: string, change: (contexts: Contexts) => Contexts): Promise<Contexts> {
  const { mkdir, open, rename, rm } = await import('node:fs/promises');
  const next = checkContexts(JSON.parse(JSON.stringify(change(await loadContexts(file)))), file);
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(next, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unreadable(file, error, 'write');
  }
  return next;
}

/** The context of that name. */
export function findContext(contexts: Contexts, name: string): Context {
  const found = Object.hasOwn(contexts.contexts, name) ? contexts.contexts[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(contexts.contexts);
  throw new ZkshError(`there is no context "${name}"`, {
    code: 'NO_CONTEXT',
    exitCode: ExitCode.notFound,
    hint: names.length === 0 ? 'Make one with: zksh context add NAME' : `There are: ${names.join(', ')}`,
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} is not JSON: ${reason}`, {
      code: 'BAD_CONTEXTS',
      hint: 'Correct the file, or move it away and add the contexts again.',
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(file: string, error: unknown, verb = 'read'): ZkshError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ZkshError(`cannot ${verb} ${file}: ${reason}`, {
    code: 'CONTEXTS_UNREADABLE',
    exitCode: ExitCode.failure,
    hint: 'Check the permissions of the file and its directory.',
    cause: error,
  });
}
