import { UsageError } from './errors.ts';

/** Permission bits (ZooDefs.Perms). */
export const Perms = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** One entry of an access control list. */
export interface Acl {
  /** Bits of {@link Perms}. */
  perms: number;
  scheme: string;
  id: string;
}

/** Anyone may do anything: ZooKeeper's default. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Perms.all, scheme: 'world', id: 'anyone' }];

/** zkCli prints and accepts the letters in this order. */
const LETTERS: readonly (readonly [string, number])[] = [
  ['c', Perms.create],
  ['d', Perms.delete],
  ['r', Perms.read],
  ['w', Perms.write],
  ['a', Perms.admin],
];

/** Bits as letters, such as `cdrwa`. */
export function formatPerms(perms: number): string {
  return LETTERS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/** An ACL as zkCli writes it: `scheme:id:perms`, comma between entries. */
export function formatAcl(acl: readonly Acl[]): string {
  return acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${formatPerms(perms)}`).join(',');
}

const ENTRY_HINT =
  'An entry is scheme:id:perms, such as world:anyone:r or sasl:kafka:cdrwa; perms are letters of cdrwa.';
const DIGEST_HINT =
  'The id of scheme digest is user:HASH, HASH in base64 as getAcl prints it: no server takes a password here. ' +
  'Authenticate as the user and give auth::perms instead.';

/** Bytes of the hashes that a server may be set to make of digest passwords: SHA-1, SHA-224 to SHA-512. */
const DIGEST_BYTES: readonly number[] = [20, 28, 32, 48, 64];

function badAcl(entry: string, why: string, hint = ENTRY_HINT): UsageError {
  return new UsageError(`bad ACL entry ${JSON.stringify(masked(entry))}: ${why}`, {
    code: 'BAD_ACL',
    hint,
  });
}

/** What stands after a digest user may be a password that somebody took for the id. */
function masked(entry: string): string {
  return entry.replace(/^(digest:[^:]*:).+?(:[crwda]+)?$/s, '$1********$2');
}

/**
 * Refuses an entry whose digest id is not `user:HASH`: servers take a password there as it is, for everybody to read,
 * and it lets nobody in.
 *
 * @throws UsageError code `BAD_ACL`
 */
export function checkDigestId({ scheme, id }: Pick<Acl, 'scheme' | 'id'>, entry = `${scheme}:${id}`): void {
  if (scheme !== 'digest') return;
  const [user, hash = '', ...rest] = id.split(':');
  const bytes = Buffer.from(hash, 'base64');
  const proper = bytes.toString('base64') === hash && DIGEST_BYTES.includes(bytes.length);
  if (user === '' || rest.length > 0 || !proper) throw badAcl(entry, 'its id is not user:HASH', DIGEST_HINT);
}

function parsePerms(entry: string, letters: string): number {
  let perms = 0;
  for (const letter of letters) {
    const bit = LETTERS.find(([known]) => known === letter)?.[1];
    if (bit === undefined) throw badAcl(entry, `${JSON.stringify(letter)} is no permission`);
    if (perms & bit) throw badAcl(entry, `${letter} stands twice`);
    perms |= bit;
  }
  if (perms === 0) throw badAcl(entry, 'it permits nothing');
  return perms;
}

/**
 * Reads zkCli's notation. An id may hold colons (`digest:user:hash:perms`, IPv6), so the scheme ends at the first and
 * the permissions start after the last. Unlike zkCli, which skips a malformed entry and so locks people out, one bad
 * entry refuses the whole.
 *
 * @throws UsageError code `BAD_ACL`
 */
export function parseAcl(text: string): Acl[] {
  if (text.trim() === '') throw badAcl(text, 'it is empty');
  return text.split(',').map((part) => {
    const entry = part.trim();
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    if (first < 0 || first === last) throw badAcl(entry, 'it has not the form scheme:id:perms');
    const scheme = entry.slice(0, first);
    const id = entry.slice(first + 1, last);
    if (scheme === '') throw badAcl(entry, 'it names no scheme');
    if (scheme === 'world' && id !== 'anyone') throw badAcl(entry, 'the only id of scheme world is anyone');
    checkDigestId({ scheme, id }, entry);
    return { perms: parsePerms(entry, entry.slice(last + 1)), scheme, id };
  });
}
