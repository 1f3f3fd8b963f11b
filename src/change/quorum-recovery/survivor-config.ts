import { basename, dirname, isAbsolute, join } from 'node:path';
import type { ConfigFile } from '../../config/member.ts';
import { type DynamicConfig, parseDynamicConfig } from '../../ensemble/dynamic-config.ts';
import { readSmall, type StorageReader } from '../../storage/storage-reader.ts';

/** What a member's zoo.cfg, and what belongs to it, says about the membership. */
export interface SurvivorConfig {
  readonly path: string;
  readonly file: ConfigFile;
  /** The dynamic file in use; undefined when the server lines stand in zoo.cfg. */
  readonly dynamic: string | undefined;
  /** The membership a server would start with; undefined when it cannot be read. */
  readonly membership: DynamicConfig | undefined;
  /** A reconfiguration that was proposed, and perhaps never committed: zoo.cfg.dynamic.next. */
  readonly next: { readonly path: string; readonly membership: DynamicConfig | undefined } | undefined;
  readonly reconfigEnabled: boolean;
  /** The port of zoo.cfg; servers from 3.5 on may have it in their server line instead. */
  readonly clientPort: number | undefined;
}

const MAX_BYTES = 1024 * 1024;

/** Reads zoo.cfg as QuorumPeerConfig.parse does, with its dynamic files. */
export async function readSurvivorConfig(reader: StorageReader, file: ConfigFile): Promise<SurvivorConfig> {
  const setting = (key: string): string | undefined => file.settings.findLast((one) => one.key === key)?.value;
  const named = setting('dynamicConfigFile');
  const dynamic = named === undefined ? undefined : await readDynamic(reader, file.path, named);
  const nextPath = `${file.path}.dynamic.next`;
  const next = await readText(reader, nextPath);
  return {
    path: file.path,
    file,
    dynamic: named === undefined ? undefined : (dynamic?.path ?? named),
    membership:
      named === undefined ? staticMembership(file) : dynamic && parseMembership(dynamic.text, versionInName(named)),
    next: next === undefined ? undefined : { path: nextPath, membership: parseMembership(next) },
    reconfigEnabled: setting('reconfigEnabled')?.toLowerCase() === 'true',
    clientPort: portIn(setting('clientPort')),
  };
}

/** The text of a dynamic configuration; undefined for what is none. */
export function parseMembership(text: string | undefined, version?: bigint): DynamicConfig | undefined {
  if (text === undefined) return undefined;
  try {
    const config = parseDynamicConfig(text);
    return config.servers.length === 0 ? undefined : { ...config, version: config.version ?? version ?? 0n };
  } catch {
    return undefined;
  }
}

/** The file under its own name, else one of that name beside zoo.cfg: the files may be copies from another machine. */
async function readDynamic(
  reader: StorageReader,
  config: string,
  named: string,
): Promise<{ path: string; text: string } | undefined> {
  const beside = join(dirname(config), basename(named));
  for (const path of isAbsolute(named) ? [named, beside] : [join(dirname(config), named), beside]) {
    const text = await readText(reader, path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

async function readText(reader: StorageReader, path: string): Promise<string | undefined> {
  try {
    return (await readSmall(reader, path, MAX_BYTES)).toString('latin1');
  } catch {
    return undefined;
  }
}

/** QuorumPeerConfig.getVersionFromFilename: the version is what follows the last dot, in hexadecimal. */
function versionInName(path: string): bigint {
  const [, hex] = /\.([0-9a-f]{1,16})$/i.exec(path) ?? [];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

function staticMembership(file: ConfigFile): DynamicConfig | undefined {
  const lines = new Map(file.settings.map(({ key, value }) => [key, value]));
  const own = [...lines].filter(([key]) => /^(server|group|weight)\.\d+$/.test(key));
  return parseMembership(own.map(([key, value]) => `${key}=${value}`).join('\n'));
}

function portIn(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
