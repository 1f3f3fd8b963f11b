import type { Client } from '../client/client.ts';
import { formatHostPort } from '../client/connect-string.ts';
import { Perms } from '../protocol/acl.ts';
import { ZkshError } from '../protocol/errors.ts';
import type { Stat } from '../protocol/records.ts';
import type { Asking, MemberObservation } from './observe-member.ts';
import { hostOf, targetOf } from './observed-member.ts';
import { type ProofMember, type Unproven, unprovenAsSeen, unprovenSession } from './unproven.ts';

/** Short, so that what an unreachable server keeps is gone soon. Milliseconds; a server gives two of its ticks at least. */
const SESSION_TIMEOUT = 4000;
/** Removing a znode asks for DELETE on its parent, so nobody needs more of the znode itself. */
const READABLE = [{ perms: Perms.read, scheme: 'world', id: 'anyone' }];

/** What each step may take, and what ends it. */
export interface Bounds {
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** A session with one member and no other, and the one znode written through it. */
export class ProofSession {
  readonly member: ProofMember;
  readonly path: string;
  readonly text: string;
  /** The session, or why there is none; never rejects but for a bug. */
  readonly opened: Promise<Client | Unproven>;
  /** A create was sent: the znode may be there. */
  #written = false;

  constructor(seen: MemberObservation, asking: Asking, how: Bounds & { path: string; text: string }) {
    this.member = { id: seen.member.id, host: hostOf(seen) };
    this.path = how.path;
    this.text = how.text;
    const unproven = unprovenAsSeen(seen, this.member);
    this.opened = unproven === undefined ? this.#open(seen, asking, how) : Promise.resolve(unproven);
  }

  /** @throws ZkshError as `Client.create` does */
  async write(client: Client, { timeout, signal }: Bounds): Promise<void> {
    this.#written = true;
    await client.create(this.path, this.text, { mode: 'ephemeral', acl: READABLE, timeout, signal });
  }

  /** What the member has of a znode, no older than its leader. @throws ZkshError as `Client.getData` does */
  async read(client: Client, path: string, { timeout, signal }: Bounds): Promise<{ text: string; stat: Stat }> {
    const until = performance.now() + timeout;
    await client.sync(path, { timeout, signal });
    const { data, stat } = await client.getData(path, { timeout: Math.max(1, until - performance.now()), signal });
    return { text: data?.toString() ?? '', stat };
  }

  /** Removes the znode through its own member. @returns false when that may have failed */
  async remove(timeout: number): Promise<boolean> {
    const client = this.#written ? await this.opened : undefined;
    return client === undefined || 'why' in client || removed(client.delete(this.path, { timeout }));
  }

  /** Removes another's znode, which its own member could not. @returns false when that may have failed */
  async removeOf({ path }: ProofSession, timeout: number): Promise<boolean> {
    const client = await this.opened;
    if ('why' in client) return false;
    return removed(client.sync(path, { timeout }).then(() => client.delete(path, { timeout })));
  }

  async close(timeout: number): Promise<void> {
    const client = await this.opened;
    if (!('why' in client)) await client.close({ timeout });
  }

  async #open(seen: MemberObservation, asking: Asking, { timeout, signal }: Bounds): Promise<Client | Unproven> {
    const target = targetOf(seen);
    if (target === undefined) return { member: this.member, why: 'unreachable', reason: 'it takes no clients' };
    const options = target.tls ? asking.options : { ...asking.options, tls: undefined };
    try {
      const client = await asking.connect(formatHostPort(target), {
        ...options,
        // So that a read-only server says what it is; every other gives a session that may write.
        readOnly: true,
        prefer: undefined,
        sessionTimeout: SESSION_TIMEOUT,
        connectTimeout: timeout,
        signal,
      });
      if (client.state !== 'READ_ONLY') return client;
      await client.close({ timeout: Math.min(timeout, 500) });
      return { member: this.member, why: 'read-only', reason: 'it is cut off from the quorum and serves reads only' };
    } catch (error) {
      if (error instanceof ZkshError) return unprovenSession(error, this.member);
      throw error;
    }
  }
}

/** One that is not there any more is as good as removed. */
function removed(deletion: Promise<void>): Promise<boolean> {
  return deletion.then(
    () => true,
    (error: unknown) => error instanceof ZkshError && error.code === 'NO_NODE',
  );
}
