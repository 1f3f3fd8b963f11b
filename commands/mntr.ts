import * as Args from '@oclif/core/args';
import { type MemberAnswer, MemberAnswersCommand, memberAnswerFlags } from '../src/cli/member-answers.ts';
import type { Metrics } from '../src/ensemble/metrics.ts';
import { ExitCode, ZkshError } from '../src/protocol/errors.ts';

export default class Mntr extends MemberAnswersCommand<typeof Mntr> {
  static override summary = 'print the metrics of members, by mntr or by their AdminServers';
  static override description =
    `The lines are those of the four-letter word mntr: a name and a value, a tab between them. Where a server keeps mntr to
itself, they are made of what its AdminServer tells. The metrics of several members stand under lines that begin with #.

JSON: a list of {id, host, source, metrics, error}; source is admin:monitor or 4lw:mntr, metrics an object by name without
zk_, error {code, message}.`;
  static override examples = [
    '<%= config.bin %> mntr',
    '<%= config.bin %> mntr fsync --member 1',
    '<%= config.bin %> mntr -o json | jq ".[] | {id, watches: .metrics.watch_count}"',
  ];
  static override args = { part: Args.string({ description: 'only metrics that have this in their name' }) };
  static override flags = memberAnswerFlags;

  protected async execute(): Promise<readonly MemberAnswer[]> {
    const { part = '' } = this.args;
    return this.askMembers(async ({ metrics, facts, missing }) => {
      if (metrics === undefined) throw noMetrics(missing);
      const found = [...metrics].filter(([name]) => `zk_${name}`.includes(part));
      const text = found.map(([name, value]) => `zk_${name}\t${value}\n`).join('');
      return { text, fields: { source: facts.connections?.source, metrics: asJson(new Map(found)) } };
    });
  }
}

function asJson(metrics: Metrics): Record<string, string | number> {
  return Object.fromEntries(
    [...metrics].map(([name, value]) => [name, /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value]),
  );
}

function noMetrics(missing: readonly { source: string; reason: string }[]): ZkshError {
  const why = missing.filter(({ source }) => source === '4lw:mntr' || source === 'admin');
  const reasons = why.map(({ source, reason }) => `${source}: ${reason}`).join('; ');
  return new ZkshError(`it tells no metrics${reasons === '' ? ': it does not serve' : ` (${reasons})`}`, {
    code: 'NO_METRICS',
    exitCode: ExitCode.refused,
    hint: 'Add mntr to 4lw.commands.whitelist in its zoo.cfg, or name its AdminServer with --admin.',
  });
}
