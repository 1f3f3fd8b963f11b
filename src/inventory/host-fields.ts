import type { ServiceSetting } from '../hosts/service.ts';
import { SERVICE_PLACEHOLDERS } from '../hosts/service-of.ts';
import { checkTemplate } from '../hosts/template.ts';
import type { HostSetting } from './settings.ts';
import {
  asRecord,
  checked,
  duration,
  type Field,
  fieldsOf,
  oneOf,
  ownPath,
  path,
  port,
  type Reading,
  several,
  sudo,
  text,
  word,
} from './shape.ts';
import type { At } from './yaml-source.ts';

/** A host setting, perhaps with fields missing that a default or the server line brings. */
export type PartialHost = { kind: HostSetting['kind'] } & Record<string, unknown>;

const template =
  (...names: string[]): Field<string> =>
  (value, at, reading) => {
    const read = text(value, at, reading);
    checked(at, reading, () => checkTemplate(read, names));
    return read;
  };

const control = template(...SERVICE_PLACEHOLDERS);

/** The fields of each kind, and which one a bare text is. */
const KINDS = {
  local: { fields: { sudo }, bare: undefined },
  ssh: {
    fields: {
      host: word,
      user: word,
      port,
      identity: several(ownPath),
      jump: several(word),
      sudo,
      knownHosts: ownPath,
      hostKeys: oneOf('strict', 'accept-new'),
      config: (value: unknown, at: At, reading: Reading) => (value === 'none' ? 'none' : ownPath(value, at, reading)),
      connectTimeout: duration,
      silence: duration,
    },
    bare: 'host',
  },
  docker: { fields: { container: word, context: word, user: word }, bare: 'container' },
  kubernetes: { fields: { pod: word, namespace: word, container: word, context: word }, bare: 'pod' },
  commands: {
    fields: {
      run: template('id', 'host', 'command', 'argv'),
      read: template('id', 'host', 'path'),
      write: template('id', 'host', 'path', 'mode', 'owner'),
      start: control,
      stop: control,
      restart: control,
      status: control,
    },
    bare: 'run',
  },
} as const;

const NAMES = Object.keys(KINDS) as HostSetting['kind'][];

/** `local`, `{ssh: zk1}`, `{ssh: {host: zk1, user: zk}}`, … */
export const hostField: Field<PartialHost> = (value, at, reading) => {
  if (value === 'local') return { kind: 'local' };
  const record = asRecord(value, at, reading);
  const [kind, ...others] = Object.keys(record);
  if (kind === undefined || others.length > 0) {
    throw reading.source.bad(at, `must have one of ${NAMES.join(', ')}, and nothing else`);
  }
  // Also says which names there are, and which one may be meant.
  fieldsOf({ [kind]: true }, at, reading, Object.fromEntries(NAMES.map((name) => [name, () => true])));
  const known = kind as HostSetting['kind'];
  const { fields, bare } = KINDS[known];
  const inside = record[kind];
  const asFields = bare !== undefined && typeof inside !== 'object' ? { [bare]: inside } : (inside ?? {});
  return { kind: known, ...fieldsOf(asFields, [...at, kind], reading, fields) };
};

/** `{systemd: zookeeper}`, `{zkServer: /opt/zookeeper/bin/zkServer.sh}` or commands. */
export const serviceField: Field<ServiceSetting> = (value, at, reading) => {
  const read = fieldsOf(value, at, reading, {
    systemd: word,
    zkServer: path,
    config: path,
    pidFile: path,
    start: control,
    stop: control,
    restart: control,
    status: control,
  });
  const { systemd, zkServer, config, pidFile, start, stop, restart, status } = read;
  const given = Object.keys(read);
  const only = (...names: string[]): boolean => given.every((name) => names.includes(name));
  if (systemd !== undefined && only('systemd')) return { systemd };
  if (zkServer !== undefined && only('zkServer', 'config', 'pidFile')) return { zkServer, config, pidFile };
  if (start !== undefined && stop !== undefined && status !== undefined && only('start', 'stop', 'restart', 'status')) {
    return { start, stop, restart, status };
  }
  throw reading.source.bad(
    at,
    'must be systemd: UNIT, or zkServer: PATH (with config and pidFile), or start, stop and status (with restart)',
  );
};

/** What a default says of a kind counts for members of that kind. */
export function withDefault(own: PartialHost | undefined, standard: PartialHost | undefined): PartialHost | undefined {
  if (own === undefined || standard === undefined) return own ?? standard;
  return own.kind === standard.kind ? { ...standard, ...own } : own;
}

/** The field without which a machine of that kind is not found; ssh takes the host of the server line. */
export function completeHost(host: PartialHost, serverHost: string, at: At, reading: Reading): HostSetting {
  const complete = host.kind === 'ssh' ? { host: serverHost, ...host } : host;
  const needed = { local: undefined, ssh: 'host', docker: 'container', kubernetes: 'pod', commands: undefined }[
    host.kind
  ];
  if (needed !== undefined && (complete as Record<string, unknown>)[needed] === undefined) {
    throw reading.source.bad(at, `does not say which ${needed}: ${host.kind}.${needed} is missing`);
  }
  return complete as HostSetting;
}
