import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import { type Acl, Perms } from '../protocol/acl.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { aclDifference, sameAcl } from './node-kind.ts';
import type { Failures } from './partial-error.ts';

/** What an import adds for itself to the ACL of a parent that would not let it create the children. */
const OURS = Perms.create | Perms.admin;

/**
 * Decides with which ACL a parent is created. One whose own ACL would not let this session create its children gets an
 * entry for this session besides, which is taken away in the end. Nobody else gets a right, not even for a moment.
 */
export class ParentAcls {
  readonly #client: Client;
  readonly #signal: AbortSignal | undefined;
  /** `null` where the server can't say (before 3.7). */
  #identities: readonly { scheme: string; id: string }[] | null = null;

  constructor(client: Client, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#signal = signal;
  }

  /** Asks who this session is. To be called before all else. */
  async identify(): Promise<void> {
    try {
      this.#identities = await this.#client.whoAmI({ signal: this.#signal });
    } catch (error) {
      // A server before 3.7 answers so, or drops the connection.
      if (!isServerError(error, Errno.unimplemented) && !(error instanceof ConnectionLostError)) throw error;
    }
  }

  /** The ACL to create the parent with; `acl` itself where that will do. */
  toCreate(acl: readonly Acl[]): readonly Acl[] {
    const creating = acl.filter(({ perms }) => (perms & Perms.create) !== 0);
    if (creating.some(isAnyone)) return acl;
    const identities = this.#identities;
    if (identities === null) return [...acl, { scheme: 'auth', id: '', perms: OURS }];
    const ours = ({ scheme, id }: Acl) => identities.some((me) => me.scheme === scheme && me.id === id);
    if (creating.some(ours) || identities.some(({ scheme }) => scheme === 'super')) return acl;
    const me = this.#me;
    return me === undefined ? acl : [...acl, me];
  }

  /** True for an ACL that an interrupted import of ours has left: `wanted` and an entry for us. */
  isUnfinished(found: readonly Acl[], wanted: readonly Acl[]): boolean {
    const [added, missing] = aclDifference(found, wanted);
    if (missing.length > 0 || added.length === 0) return false;
    // Without knowing who we are, the server has put everybody in whom this session stands for.
    if (this.#identities === null) return added.every(({ perms }) => perms === OURS);
    return sameAcl(added, this.#me === undefined ? [] : [this.#me]);
  }

  get #me(): Acl | undefined {
    const me = this.#identities?.find(({ scheme }) => scheme !== 'ip') ?? this.#identities?.[0];
    return me && { scheme: me.scheme, id: me.id, perms: OURS };
  }
}

function isAnyone({ scheme, id }: Acl): boolean {
  return scheme === 'world' && id === 'anyone';
}

/** An ACL to be set once all znodes are there. */
export interface LateAcl {
  readonly path: string;
  readonly acl: readonly Acl[];
  /** The ACL version that it must have then. */
  readonly version: number;
}

/** Requests at once. */
const IN_FLIGHT = 128;
/** The connection may go this often under one request. */
const LOSSES = 3;

/** Sets ACLs, children first. @returns how many are set; the others are among `failures` */
export async function setLateAcls(
  client: Client,
  acls: readonly LateAcl[],
  failures: Failures,
  signal: AbortSignal | undefined,
): Promise<number> {
  let next = acls.length;
  let done = 0;
  const worker = async () => {
    for (let late = acls[--next]; late !== undefined; late = acls[--next]) {
      try {
        await setAcl(client, late, signal);
        done += 1;
      } catch (error) {
        if (!(error instanceof ServerError || error instanceof ConnectionLostError)) throw error;
        if (isServerError(error, Errno.sessionExpired)) throw error;
        failures.add(late.path, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, acls.length) }, worker));
  return done;
}

async function setAcl(client: Client, late: LateAcl, signal: AbortSignal | undefined, losses = 0): Promise<void> {
  const { path, acl, version } = late;
  try {
    await client.setAcl(path, acl, { version, signal });
  } catch (error) {
    if (error instanceof ConnectionLostError && losses + 1 < LOSSES) return setAcl(client, late, signal, losses + 1);
    if (losses === 0 || !(error instanceof ServerError) || !(await wasSet(client, late, error, signal))) throw error;
  }
}

/** Whether the request whose answer was lost had done it: then the version is another one, or we may no longer set it. */
async function wasSet(
  client: Client,
  { path, acl }: LateAcl,
  error: ServerError,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (!isServerError(error, Errno.badVersion) && !isServerError(error, Errno.noAuth)) return false;
  try {
    return sameAcl((await client.getAcl(path, { signal })).acl, acl);
  } catch (refusal) {
    // We had the right to set it before; losing that is what the new ACL does.
    return isServerError(refusal, Errno.noAuth);
  }
}
