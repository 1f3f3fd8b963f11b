import { UsageError } from '../protocol/errors.ts';
import { validateCreatePath, validatePath } from '../protocol/paths.ts';

/** Whether the path is about to be created as a sequential one, which may end with a slash. */
export interface ResolveOptions {
  sequential?: boolean | undefined;
}

/**
 * The absolute path of a znode as typed. In the shell it counts from `cwd`, and `.`, `..` and a trailing slash (which
 * completion leaves) are resolved. Outside it is taken literally: there a slash at the end is more likely a variable of
 * a script that is empty, and `deleteall /app/$name` must not become `deleteall /app`.
 * Throws a UsageError for what is no path.
 */
export function resolveZnodePath(typed: string, cwd: string | undefined, options: ResolveOptions = {}): string {
  const sequential = options.sequential === true;
  if (cwd === undefined) {
    refuseRelative(typed);
    return validateCreatePath(typed, sequential);
  }
  if (typed === '') throw new UsageError('the path is empty', { code: 'BAD_PATH' });
  if (typed.includes('//')) return validatePath(typed.startsWith('/') ? typed : `/${typed}`);
  const parts: string[] = [];
  for (const part of (typed.startsWith('/') ? typed : `${cwd}/${typed}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const slash = sequential && typed.endsWith('/') && parts.length > 0 ? '/' : '';
  return validateCreatePath(`/${parts.join('/')}${slash}`, sequential);
}

function refuseRelative(typed: string): void {
  if (typed.startsWith('/')) return;
  throw new UsageError(typed === '' ? 'the path is empty' : `"${typed}" is a relative path`, {
    code: 'BAD_PATH',
    hint: `Outside the shell there is no current path: write /${typed}`,
  });
}
