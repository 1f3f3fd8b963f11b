import { readCommittedConfig } from '../../ensemble/committed-config.ts';
import { type DynamicConfig, parseDynamicConfig } from '../../ensemble/dynamic-config.ts';
import { sameMembership } from '../../ensemble/reconfiguration.ts';
import { parseServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { Errno, isServerError } from '../../protocol/server-errors.ts';
import type { ChangeContext } from '../context.ts';
import { NOT_PERMITTED } from '../gates/membership.ts';
import { SERVING } from '../serving.ts';
import type { ActionOf, Doing } from './action.ts';

/** How long to ask what became of a reconfiguration whose answer was lost; milliseconds. */
const LOOK_AGAIN = 30_000;

/** Changes the membership, against the version that the change was worked out for. */
export const reconfig: Doing<ActionOf<'reconfig'>> = {
  before: async (context) => ({ version: (await committedNow(context)).version.toString(16) }),
  perform: async (context, action, expected) => {
    const { next, joining, leaving, members } = action;
    const { config: current, version } = await committedNow(context);
    // What is taken back may have been taken back already, or never have been done.
    if (expected === undefined && sameMembership(current, parseDynamicConfig(next)))
      return { evidence: `the membership is that already, version ${version.toString(16)}` };
    if (action.from !== undefined && !sameMembership(current, parseDynamicConfig(action.from)))
      throw changed('somebody changed it meanwhile');
    if (action.serving !== undefined) await mustServe(context, action.serving);
    if (expected !== undefined && version !== expected)
      throw changed(`it has version ${version.toString(16)}, this change was made for ${expected.toString(16)}`);
    const client = await context.client();
    const { signal } = context;
    try {
      await client.reconfig({ joining, leaving, members, fromVersion: version, signal });
    } catch (error) {
      if (isServerError(error, Errno.badVersion)) throw changed('somebody changed it meanwhile');
      if (isServerError(error, Errno.noAuth)) throw notPermitted(error);
      if (!(error instanceof ZkshError && 'outcome' in error && error.outcome === 'unknown')) throw error;
      // The member we were connected to may be the one that left, or the leader: what is committed tells.
    }
    const { config } = await readCommittedConfig(await context.client(), { timeout: LOOK_AGAIN, signal });
    if (config.version === undefined || !sameMembership(config, parseDynamicConfig(next))) {
      throw new ZkshError('the reconfiguration was asked for, and is not what is committed', {
        code: 'OUTCOME_UNKNOWN',
        exitCode: ExitCode.unhealthy,
        hint: 'Look at the membership with config, and at the leader’s log.',
      });
    }
    const now = config.version.toString(16);
    return { evidence: `committed as version ${now}`, facts: { configVersion: now } };
  },
  happened: async (context, { next }, { version = '' }) => {
    const { config } = await readCommittedConfig(await context.client(), {
      timeout: LOOK_AGAIN,
      signal: context.signal,
    });
    const now = config.version?.toString(16) ?? '';
    const evidence = `version ${version} before, ${now} now`;
    if (sameMembership(config, parseDynamicConfig(next)))
      return { answer: 'yes', evidence, facts: { configVersion: now } };
    return { answer: now === version ? 'no' : 'unknown', evidence };
  },
};

/** A vote given to a server that is down is one failure less that the ensemble bears. */
async function mustServe(context: ChangeContext, text: string): Promise<void> {
  const line = parseServerLine(text);
  const { members } = await context.observe([line]);
  const role = members.find(({ id }) => id === line.id)?.role ?? 'unreachable';
  if (SERVING.includes(role)) return;
  throw new ZkshError(`member ${line.id} is not taken back: it is ${role}`, {
    code: 'NOT_SERVING',
    exitCode: ExitCode.unhealthy,
    hint: 'Start it first. Where it does not start any more, let the change end as it is, and add the member anew.',
  });
}

async function committedNow(context: ChangeContext): Promise<{ config: DynamicConfig; version: bigint }> {
  const { config } = await readCommittedConfig(await context.client(), { signal: context.signal });
  if (config.version !== undefined) return { config, version: config.version };
  throw new ZkshError('the ensemble has no versioned configuration', {
    code: 'NO_CONFIG_VERSION',
    exitCode: ExitCode.failure,
    hint: 'Before 3.5, and in a standalone server, members are changed by their configuration files.',
  });
}

function notPermitted(error: ZkshError): ZkshError {
  return new ZkshError(NOT_PERMITTED, {
    code: error.code,
    exitCode: error.exitCode,
    hint: 'Authenticate as the super user: --auth digest:super:file:PATH, or in the context.',
    cause: error,
  });
}

function changed(how: string): ZkshError {
  return new ZkshError(`the membership is not the one this change was meant for: ${how}`, {
    code: 'BAD_VERSION',
    exitCode: ExitCode.conflict,
    hint: 'Nothing of this step was done. Look at the membership with config, and plan anew.',
  });
}
