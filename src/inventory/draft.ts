import { formatServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { ServiceSetting } from '../hosts/service.ts';
import { UsageError } from '../protocol/errors.ts';
import type { HostSetting } from './settings.ts';

/** What a first ensemble file is made from. */
export interface Draft {
  name: string;
  context: string | undefined;
  servers: readonly ServerLine[];
  reach: Reach;
  /** Undefined where the way to the host brings it. */
  service: ServiceSetting | undefined;
  /** Path of zoo.cfg, in which `{id}` is the member's. */
  config: string;
}

/** How all machines are reached; `{id}` in the name of a container or pod is the member's, `{ordinal}` one less. */
export type Reach =
  | { kind: 'ssh'; user?: string | undefined; jump?: string | undefined; sudo?: boolean | undefined }
  | { kind: 'local'; sudo?: boolean | undefined }
  | { kind: 'docker'; container: string }
  | { kind: 'kubernetes'; pod: string; namespace?: string | undefined }
  | { kind: 'commands'; run: string };

/** The ways there are, and what each is, for a question. */
export const REACHES: Readonly<Record<HostSetting['kind'], string>> = {
  ssh: 'ssh: machines with an OpenSSH server',
  docker: 'docker: containers, by the docker command',
  kubernetes: 'kubernetes: pods of a StatefulSet, by kubectl',
  local: 'local: all servers run on this machine',
  commands: 'commands: by a command line of your own',
};

const HEAD = `# How zksh reaches the machines of this ensemble.
# Look whether all of it is right: zksh member inventory --check --ensemble THIS_FILE
`;

/** The text of the file. */
export async function draftEnsembleFile(draft: Draft): Promise<string> {
  const { stringify } = await import('yaml');
  const { name, context, servers, reach, service, config } = draft;
  const standard = hostDefault(reach);
  const one = !config.includes('{id}');
  const file = {
    name,
    ...(context === undefined ? {} : { context }),
    defaults: {
      ...(standard === undefined ? {} : { host: standard }),
      ...(service === undefined ? {} : { service }),
      ...(one ? { files: { config } } : {}),
    },
    members: servers.map((line) => {
      const host = ownHost(reach, line);
      const server = formatServerLine(line).replace(/^server\.\d+=/, '');
      const files = one ? {} : { files: { config: named(config, line.id) } };
      return { id: line.id, server, ...(host === undefined ? {} : { host }), ...files };
    }),
  };
  return HEAD + stringify(file, { lineWidth: 0 });
}

function hostDefault(reach: Reach): object | undefined {
  const { kind, ...rest } = reach;
  if (kind === 'docker') return undefined;
  if (kind === 'kubernetes') {
    return reach.kind === 'kubernetes' && reach.namespace !== undefined
      ? { kubernetes: { namespace: reach.namespace } }
      : undefined;
  }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== false));
  return kind === 'ssh' && Object.keys(given).length === 0 ? undefined : { [kind]: given };
}

function ownHost(reach: Reach, line: ServerLine): object | undefined {
  if (reach.kind === 'ssh') return { ssh: line.addresses[0]?.host };
  if (reach.kind === 'docker') return { docker: named(reach.container, line.id) };
  if (reach.kind === 'kubernetes') return { kubernetes: named(reach.pod, line.id) };
  return undefined;
}

function named(template: string, id: bigint): string {
  return template.replaceAll('{id}', `${id}`).replaceAll('{ordinal}', `${id - 1n}`);
}

/** `systemd:UNIT` or `zkServer:PATH`. @throws UsageError `BAD_SERVICE` */
export function parseService(text: string): ServiceSetting {
  const [, kind, value = ''] = /^(systemd|zkServer):(.+)$/.exec(text) ?? [];
  if (kind === 'systemd' && !/^-|\s/.test(value)) return { systemd: value };
  if (kind === 'zkServer' && value.startsWith('/')) return { zkServer: value };
  throw new UsageError(`"${text}" does not say how a server is controlled`, {
    code: 'BAD_SERVICE',
    hint: 'Give systemd:UNIT or zkServer:/path/of/zkServer.sh; other commands are written into the file.',
  });
}
