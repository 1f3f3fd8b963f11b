import { UsageError } from './errors.ts';

/** What the server will not have in a name (PathUtils.java): controls, surrogates, private use, specials. */
const REFUSED = /[\u0001-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;

/** A name that means another place everywhere else. */
const DOTS = /\/(\.\.?)(?:\/|$)/;

function fault(path: string): string | undefined {
  if (typeof path !== 'string') return 'it is no text';
  if (path === '') return 'it is empty';
  if (!path.startsWith('/')) return 'it does not start with /';
  if (path === '/') return undefined;
  if (path.endsWith('/')) return 'it ends with /';
  if (path.includes('//')) return 'it has an empty name (//)';
  const dots = DOTS.exec(path);
  if (dots !== null) return `${dots[1]} is not a name`;
  if (path.includes('\0')) return 'it holds a null character';
  const refused = REFUSED.exec(path);
  if (refused === null) return undefined;
  const point = path.codePointAt(refused.index) ?? 0;
  return `the server allows no U+${point.toString(16).toUpperCase().padStart(4, '0')} in it (position ${refused.index})`;
}

/**
 * Checks a path by the server's own rules, so that a bad one costs no round trip and a clear message.
 *
 * @returns the path
 * @throws UsageError code `BAD_PATH`
 */
export function validatePath(path: string): string {
  const why = fault(path);
  if (why !== undefined) {
    throw new UsageError(`bad path ${JSON.stringify(path)}: ${why}`, {
      code: 'BAD_PATH',
      hint: 'A path is absolute, such as /brokers/ids, without a / at its end.',
    });
  }
  return path;
}

/** A path that is to be created; a sequential one may end with /, since the server appends the counter. */
export function validateCreatePath(path: string, sequential: boolean): string {
  if (sequential && path.endsWith('/')) validatePath(`${path}0`);
  else validatePath(path);
  return path;
}

/** `joinPath('/', 'a')` is `/a`. */
export function joinPath(parent: string, child: string): string {
  return parent === '/' ? `/${child}` : `${parent}/${child}`;
}

/** The path one up; the root is its own parent. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

/** The last name of a path; empty for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** How many names a path has; the root has none. */
export function depthOf(path: string): number {
  if (path === '/') return 0;
  let names = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) names += 1;
  return names;
}

/** True for `ancestor` itself and everything below it. */
export function isAtOrBelow(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}
