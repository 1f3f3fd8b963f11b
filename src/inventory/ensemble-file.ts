import { parseServerLineOf } from '../ensemble/server-line.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { completeHost, hostField, type PartialHost, serviceField, withDefault } from './host-fields.ts';
import type { EnsembleSetting, FileSettings, MemberSetting } from './settings.ts';
import { checked, type Field, fieldsOf, type Nearest, path, type Reading, text, word } from './shape.ts';
import { type At, readYaml } from './yaml-source.ts';

/** Larger is no ensemble file. */
const MAX_BYTES = 1024 * 1024;

const FILES = { config: path, dataDir: path, dataLogDir: path, log: path };
const filesField: Field<Partial<FileSettings>> = (value, at, reading) => fieldsOf(value, at, reading, FILES);
const DEFAULTS = { host: hostField, service: serviceField, files: filesField };
const raw: Field<unknown> = (value) => value;

/** Reads an ensemble file. @throws ZkshError `NO_ENSEMBLE_FILE`; UsageError `BAD_ENSEMBLE_FILE` with file, line and field */
export async function loadEnsembleFile(file: string, nearest: Nearest): Promise<EnsembleSetting> {
  return parseEnsembleFile(await readText(file), file, nearest);
}

/** What stands in an ensemble file, as it may be kept elsewhere; checked. @throws as `loadEnsembleFile` does */
export async function ensembleFields(file: string, nearest: Nearest): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file);
  await parseEnsembleFile(text, file, nearest);
  return (await readYaml(text, file)).value as Record<string, unknown>;
}

async function readText(file: string): Promise<string> {
  const { open } = await import('node:fs/promises');
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new ZkshError(`cannot read the ensemble file ${file}: ${cause.message}`, {
      code: 'NO_ENSEMBLE_FILE',
      exitCode: cause.code === 'ENOENT' ? ExitCode.notFound : ExitCode.failure,
      hint: 'Write a first one with: zksh member inventory --init',
      cause,
    });
  });
  try {
    if ((await handle.stat()).size > MAX_BYTES) {
      throw new UsageError(`${file} is over ${MAX_BYTES} bytes`, { code: 'BAD_ENSEMBLE_FILE' });
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Reads the text of an ensemble file. @throws UsageError `BAD_ENSEMBLE_FILE` */
export async function parseEnsembleFile(yaml: string, file: string, nearest: Nearest): Promise<EnsembleSetting> {
  const source = await readYaml(yaml, file);
  const reading: Reading = { source, nearest };
  const top = fieldsOf(source.value, [], reading, { name: word, context: word, defaults: raw, members: raw });
  if (top.name === undefined) throw source.bad([], 'has no name');
  const defaults = fieldsOf(top.defaults ?? {}, ['defaults'], reading, DEFAULTS);
  if (!Array.isArray(top.members) || top.members.length === 0)
    throw source.bad(['members'], 'must be a list of members');
  const members = top.members.map((member, i) => readMember(member, ['members', i], reading, defaults));
  refuseTwice(members, reading);
  return { name: top.name, context: top.context, members };
}

interface Defaults {
  host?: PartialHost;
  service?: MemberSetting['service'];
  files?: Partial<FileSettings>;
}

function readMember(value: unknown, at: At, reading: Reading, defaults: Defaults): MemberSetting {
  const { source } = reading;
  const read = fieldsOf(value, at, reading, { id: idField, server: text, ...DEFAULTS });
  const { id, server } = read;
  if (id === undefined) throw source.bad(at, 'has no id');
  if (server === undefined) throw source.bad(at, `has no server: what stands right of server.${id}=`);
  const line = checked([...at, 'server'], reading, () => parseServerLineOf(id, server));
  const host = withDefault(read.host, defaults.host);
  if (host === undefined) throw source.bad(at, 'has no host, and there is no default');
  const files = { ...defaults.files, ...read.files };
  const { config } = files;
  if (config === undefined) throw source.bad(at, 'has no files.config (its zoo.cfg), and there is no default');
  const complete = completeHost(host, line.addresses[0]?.host ?? '', [...at, 'host'], reading);
  return { id, line, host: complete, service: read.service ?? defaults.service, files: { ...files, config } };
}

const MAX_ID = 2n ** 63n - 1n;

const idField: Field<bigint> = (value, at, { source }) => {
  const id = /^\d{1,19}$/.test(String(value)) ? BigInt(String(value)) : -1n;
  if (id >= 0n && id <= MAX_ID) return id;
  throw source.bad(at, 'must be the id of a server, a whole number');
};

function refuseTwice(members: readonly MemberSetting[], { source }: Reading): void {
  for (const [i, member] of members.entries()) {
    const { id } = member;
    const earlier = members.slice(0, i);
    if (earlier.some((other) => other.id === id))
      throw source.bad(['members', i, 'id'], `is the same as another: ${id}`);
    // A copied entry whose host was forgotten: what is meant for one member would be done to another.
    const same = earlier.find((other) => placeOf(other) === placeOf(member));
    if (same !== undefined) {
      const hint = 'Every server has a machine or a zoo.cfg of its own; with --init, put {id} into --zoo-cfg.';
      const where = `${member.host.kind}, ${member.files.config}`;
      throw source.bad(['members', i, 'host'], `is the place of member ${same.id}, too (${where})`, { hint });
    }
  }
}

/** One zoo.cfg is of one server; several servers may share a machine. */
function placeOf({ id, host, files }: MemberSetting): string {
  if (host.kind === 'docker') return `docker ${host.context ?? ''} ${host.container}`;
  if (host.kind === 'kubernetes') return `pod ${host.context ?? ''} ${host.namespace ?? ''} ${host.pod}`;
  if (host.kind === 'ssh') return `ssh ${host.host} ${host.port ?? ''} ${files.config}`;
  return host.kind === 'local' ? `local ${files.config}` : `${id}`;
}
