import type { Stat } from '../protocol/records.ts';
import { hex64 } from '../protocol/zxid.ts';
import { javaDate } from './java-date.ts';
import { rfc3339 } from './times.ts';
import type { Column } from './view.ts';

/** The lines that zkCli prints of a Stat (StatPrinter.java). */
export function statText(stat: Stat): string {
  return [
    `cZxid = ${hex64(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${hex64(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${hex64(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex64(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ].join('\n');
}

/** The columns of a table whose rows have a stat; empty cells where there is none. */
export const STAT_COLUMNS: readonly Column<{ stat: Stat | undefined }>[] = [
  { header: 'czxid', kind: 'hex', value: ({ stat }) => stat?.czxid },
  { header: 'mzxid', kind: 'hex', value: ({ stat }) => stat?.mzxid },
  { header: 'pzxid', kind: 'hex', value: ({ stat }) => stat?.pzxid },
  { header: 'ctime', kind: 'time', value: ({ stat }) => stat?.ctime },
  { header: 'mtime', kind: 'time', value: ({ stat }) => stat?.mtime },
  { header: 'version', kind: 'number', value: ({ stat }) => stat?.version },
  { header: 'cversion', kind: 'number', value: ({ stat }) => stat?.cversion },
  { header: 'aversion', kind: 'number', value: ({ stat }) => stat?.aversion },
  { header: 'ephemeralOwner', kind: 'hex', value: ({ stat }) => stat?.ephemeralOwner },
  { header: 'dataLength', kind: 'size', value: ({ stat }) => stat?.dataLength },
  { header: 'numChildren', kind: 'number', value: ({ stat }) => stat?.numChildren },
];

/** A Stat in JSON and YAML: zxids as decimal strings, times in RFC 3339. A contract. */
export interface StatJson {
  czxid: string;
  mzxid: string;
  pzxid: string;
  ctime: string;
  mtime: string;
  version: number;
  cversion: number;
  aversion: number;
  /** The owner's session id; "0" where the znode is not ephemeral. */
  ephemeralOwner: string;
  dataLength: number;
  numChildren: number;
}

/** A Stat as the JSON contract has it. */
export function statJson(stat: Stat): StatJson {
  return {
    czxid: stat.czxid.toString(),
    mzxid: stat.mzxid.toString(),
    pzxid: stat.pzxid.toString(),
    ctime: rfc3339(stat.ctime),
    mtime: rfc3339(stat.mtime),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: stat.ephemeralOwner.toString(),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}
