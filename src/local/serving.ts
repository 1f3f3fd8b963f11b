import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fourLetterWord } from '../ensemble/four-letter-word.ts';
import { parseServerStatus, type ServerStatus } from '../ensemble/server-status.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { processState } from './process-identity.ts';
import type { MemberRecord } from './record.ts';

const POLL = 60;
const ASK_TIMEOUT = 2000;

/** `srvr` of a member; undefined when nothing answers. A member without a quorum answers, but has no mode. */
export async function askMember(member: MemberRecord, signal?: AbortSignal): Promise<ServerStatus | undefined> {
  const { host, clientPort: port } = member;
  return fourLetterWord({ host, port, word: 'srvr', timeout: ASK_TIMEOUT, signal })
    .then(parseServerStatus)
    .catch(() => undefined);
}

/** How long to wait and how to be stopped. */
export interface Patience {
  /** `Date.now()` after which it is given up. */
  deadline: number;
  signal?: AbortSignal | undefined;
}

/**
 * Waits until all members serve and agree: one standalone server, or exactly one leader and the others following or
 * observing. Throws `SERVER_DIED`, `TIMEOUT` (with what each said last) and `INTERRUPTED`.
 */
export async function waitForAgreement(members: readonly MemberRecord[], patience: Patience): Promise<void> {
  let modes: (string | undefined)[] = [];
  const agreed = async (): Promise<boolean> => {
    modes = await Promise.all(members.map(async (member) => (await serving(member, patience.signal))?.mode));
    return isAgreement(modes);
  };
  await waitUntil(agreed, members, patience, () => {
    const each = members.map((member, index) => `member ${member.id}: ${modes[index] ?? 'not serving'}`);
    return `The servers do not agree on a leader (${each.join(', ')})`;
  });
}

/** What a single member can be waited for; `answering` needs no quorum. */
export type Readiness = 'answering' | 'serving' | 'voting' | 'observing';

const MODES: Record<Readiness, (mode: string | undefined) => boolean> = {
  answering: () => true,
  serving: (mode) => mode !== undefined,
  voting: (mode) => mode === 'leader' || mode === 'follower',
  observing: (mode) => mode === 'observer',
};

/** Waits until one member is ready in that sense. Throws as `waitForAgreement` does. */
export async function waitForMember(member: MemberRecord, wanted: Readiness, patience: Patience): Promise<void> {
  let last: ServerStatus | undefined;
  const ready = async (): Promise<boolean> => {
    last = await (wanted === 'answering' ? askMember : serving)(member, patience.signal);
    return last !== undefined && MODES[wanted](last.mode);
  };
  await waitUntil(ready, [member], patience, () => {
    return `Member ${member.id} is not ${wanted} (it says ${last?.mode ?? 'nothing'})`;
  });
}

/** Whether these answers to `srvr` are those of one working ensemble. */
export function isAgreement(modes: readonly (string | undefined)[]): boolean {
  if (modes.length === 1 && modes[0] === 'standalone') return true;
  const leaders = modes.filter((mode) => mode === 'leader').length;
  return leaders === 1 && modes.every((mode) => mode === 'leader' || mode === 'follower' || mode === 'observer');
}

async function serving(member: MemberRecord, signal: AbortSignal | undefined): Promise<ServerStatus | undefined> {
  const status = await askMember(member, signal);
  if (status?.mode === undefined) return undefined;
  // Only a standalone server opens its secure port after the plain one; others would log a failed handshake for nothing.
  const { host, secureClientPort: secure } = member;
  if (secure === undefined || status.mode !== 'standalone') return status;
  return (await accepts(host, secure)) ? status : undefined;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ASK_TIMEOUT });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

async function waitUntil(
  ready: () => Promise<boolean>,
  members: readonly MemberRecord[],
  patience: Patience,
  complaint: () => string,
): Promise<void> {
  for (;;) {
    if (await ready()) return;
    for (const member of members) {
      if (member.process !== undefined && (await processState(member.process)) === 'gone') throw died(member);
    }
    if (patience.signal?.aborted === true) {
      throw new ZkshError('waiting for the servers was interrupted', {
        code: 'INTERRUPTED',
        exitCode: ExitCode.interrupted,
      });
    }
    if (Date.now() > patience.deadline) throw late(complaint());
    await sleep(POLL);
  }
}

function died(member: MemberRecord): ZkshError {
  return new ZkshError(`member ${member.id} ended while it was starting`, {
    code: 'SERVER_DIED',
    exitCode: ExitCode.failure,
    hint: 'The end of its log says why.',
  });
}

function late(message: string): ZkshError {
  return new ZkshError(message, {
    code: 'TIMEOUT',
    exitCode: ExitCode.timeout,
    hint: 'The ends of their logs may say why; a slow machine needs a longer time limit.',
  });
}
