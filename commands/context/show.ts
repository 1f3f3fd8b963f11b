import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { Context } from '../../src/cli/context.ts';
import { contextsFile, findContext, loadContexts } from '../../src/cli/contexts.ts';
import { maskSecrets } from '../../src/cli/mask-context.ts';
import type { Style } from '../../src/output/style.ts';
import { shortDuration } from '../../src/output/times.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';

interface Result {
  name: string;
  current: boolean;
  file: string;
  context: Context;
}

export default class ContextShow extends ZkshCommand<Result, typeof ContextShow> {
  static override summary = 'show what a context holds';
  static override description = `References to secrets are shown, secrets are not.

JSON: {name, current, file, context}; context is the entry of contexts.json.`;
  static override examples = ['<%= config.bin %> context show', '<%= config.bin %> context show prod -o yaml'];
  static override args = { name: Args.string({ description: 'name of the context; the current one if not given' }) };

  protected readonly view: View<Result> = { text: contextText };

  protected async execute(): Promise<Result> {
    const file = contextsFile(this.io.env);
    const contexts = await loadContexts(file);
    const name = this.args.name ?? this.flags.context ?? this.host.chosen?.name ?? contexts.current;
    if (name === undefined) {
      throw new ZkshError('there is no current context', {
        code: 'NO_CONTEXT',
        exitCode: ExitCode.notFound,
        hint: 'Choose one with: zksh context use NAME',
      });
    }
    const context = maskSecrets(findContext(contexts, name));
    return { name, current: name === contexts.current, file, context };
  }
}

function contextText({ name, current, file, context }: Result, style: Style): string {
  const lines: [string, string | undefined][] = [
    ['name', `${name}${current ? ' (current)' : ''}`],
    ['servers', context.servers],
    ['session timeout', context.sessionTimeout === undefined ? undefined : shortDuration(context.sessionTimeout)],
    ...(context.admin ?? []).map((place): [string, string] => ['admin', place]),
    ['ensemble', ensembleText(context)],
    ['read-only', context.readOnly === true ? 'yes' : undefined],
    ...(context.auth ?? []).map((entry): [string, string] => ['auth', entry]),
    ['sasl', saslText(context)],
    ...Object.entries(context.tls ?? {}).map(([field, value]): [string, string] => [`tls ${field}`, String(value)]),
    ['tls', context.tls !== undefined && Object.keys(context.tls).length === 0 ? 'yes' : undefined],
    ['protected', context.protected === true ? 'yes' : 'no'],
    ['note', context.note],
    ['file', file],
  ];
  return lines
    .flatMap(([key, value]) => (value === undefined ? [] : [`${style.paint('key', key)}: ${style.name(value)}`]))
    .join('\n');
}

function ensembleText({ ensemble }: Context): string | undefined {
  if (typeof ensemble !== 'object') return ensemble;
  const { members } = ensemble;
  return `in this context, ${Array.isArray(members) ? members.length : 'no'} members`;
}

function saslText({ sasl }: Context): string | undefined {
  if (sasl === undefined) return undefined;
  return [sasl.mechanism, sasl.user, sasl.secret].filter((part) => part !== undefined).join(' ');
}
