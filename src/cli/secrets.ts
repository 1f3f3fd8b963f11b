import { UsageError } from '../protocol/errors.ts';
import type { Prompts } from './prompts.ts';

/** What resolving a secret may use; `warn` is told when one was given in clear. */
export interface SecretSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Throws a UsageError where nobody can be asked. */
  prompts: Pick<Prompts, 'password'>;
  warn(message: string): void;
  signal?: AbortSignal | undefined;
}

/**
 * The secret that a reference names: `env:NAME`, `file:PATH`, `cmd:COMMAND`, `prompt`, or, with a warning, the secret
 * itself. `what` says in messages what it is for; the secret never appears in one.
 */
export async function resolveSecret(reference: string, what: string, sources: SecretSources): Promise<string> {
  const [, kind, rest = ''] = /^(env|file|cmd):([\s\S]*)$/.exec(reference) ?? [];
  if (kind === 'env') return fromEnvironment(rest, what, sources.env);
  if (kind === 'file') return fromFile(rest, what);
  if (kind === 'cmd') return fromCommand(rest, what, sources);
  if (reference === 'prompt')
    return sources.prompts.password(`${what}:`, '--auth or the flag with env:, file: or cmd:');
  sources.warn(
    `${what} is given in clear, where other users and the history can see it; use env:NAME, file:PATH, cmd:… or prompt`,
  );
  return reference;
}

/** Whether a text only names a secret, so that it may be stored and shown. */
export function isSecretReference(text: string): boolean {
  return text === 'prompt' || /^(env|file|cmd):/.test(text);
}

/** A secret reference as it may be shown: references as they are, a literal as stars. */
export function maskSecret(reference: string): string {
  return isSecretReference(reference) ? reference : '********';
}

function fromEnvironment(name: string, what: string, env: SecretSources['env']): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`${what}: the environment variable ${name} is not set`, {
    code: 'NO_SECRET',
    hint: `Set ${name}, or name the secret by file:PATH, cmd:… or prompt.`,
  });
}

async function fromFile(path: string, what: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  try {
    return stripLineEnd(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${what}: cannot read the file ${path}: ${reason}`, { code: 'NO_SECRET', cause: error });
  }
}

async function fromCommand(command: string, what: string, { env, signal }: SecretSources): Promise<string> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  try {
    const options = { env: { ...env }, ...(signal === undefined ? {} : { signal }) };
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], options);
    return stripLineEnd(stdout);
  } catch (error) {
    // Neither its output nor Node's message, which repeats the command: either may hold the secret.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UsageError(`${what}: the command that should print it failed${code}`, { code: 'NO_SECRET' });
  }
}

// Editors and `echo` end a file with a line feed that nobody means to be part of a password.
function stripLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
