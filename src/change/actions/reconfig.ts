import { readCommittedConfig } from '../../ensemble/committed-config.ts';
import { parseDynamicConfig } from '../../ensemble/dynamic-config.ts';
import { sameMembership } from '../../ensemble/reconfiguration.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { Errno, isServerError } from '../../protocol/server-errors.ts';
import type { ChangeContext } from '../context.ts';
import type { ActionOf, Doing } from './action.ts';

/** How long to ask what became of a reconfiguration whose answer was lost; milliseconds. */
const LOOK_AGAIN = 30_000;

/** Changes the membership, against the version that the change was worked out for. */
export const reconfig: Doing<ActionOf<'reconfig'>> = {
  before: async (context) => ({ version: (await committedVersion(context)).toString(16) }),
  perform: async (context, action, expected) => {
    const { next, joining, leaving, members } = action;
    const version = await committedVersion(context);
    if (expected !== undefined && version !== expected)
      throw changed(`it has version ${version.toString(16)}, this change was made for ${expected.toString(16)}`);
    const client = await context.client();
    const { signal } = context;
    try {
      await client.reconfig({ joining, leaving, members, fromVersion: version, signal });
    } catch (error) {
      if (isServerError(error, Errno.badVersion)) throw changed('somebody changed it meanwhile');
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

async function committedVersion(context: ChangeContext): Promise<bigint> {
  const { config } = await readCommittedConfig(await context.client(), { signal: context.signal });
  if (config.version !== undefined) return config.version;
  throw new ZkshError('the ensemble has no versioned configuration', {
    code: 'NO_CONFIG_VERSION',
    exitCode: ExitCode.failure,
    hint: 'Before 3.5, and in a standalone server, members are changed by their configuration files.',
  });
}

function changed(how: string): ZkshError {
  return new ZkshError(`the membership is not the one this change was meant for: ${how}`, {
    code: 'BAD_VERSION',
    exitCode: ExitCode.conflict,
    hint: 'Nothing of this step was done. Look at the membership with config, and plan anew.',
  });
}
