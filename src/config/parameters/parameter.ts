/** What a value must be; `min` and `max` are inclusive. */
export type ValueType =
  | {
      readonly kind: 'int' | 'long' | 'decimal';
      readonly min?: number | undefined;
      readonly max?: number | undefined;
      readonly unit?: string | undefined;
    }
  | { readonly kind: 'boolean' | 'text' | 'path' | 'class' | 'port' | 'address' | 'list' }
  /** `exact`: the server compares letter by letter. */
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly exact: boolean };

/**
 * Who reads a parameter: `config` is a key that QuorumPeerConfig knows; `passed` one it does not know and hands on as
 * the system property `zookeeper.KEY`; `property` is a system property without that prefix, which no line of zoo.cfg can set.
 */
type ReadBy = 'config' | 'passed' | 'property';

/** The anchors of ZooKeeper's Administrator's Guide. */
const SECTIONS = {
  min: 'sc_minimumConfiguration',
  adv: 'sc_advancedConfiguration',
  cluster: 'sc_clusterOptions',
  auth: 'sc_authOptions',
  exp: 'Experimental+Options%2FFeatures',
  unsafe: 'Unsafe+Options',
  autocreate: 'Disabling+data+directory+autocreation',
  db: 'sc_db_existence_validation',
  perf: 'sc_performance_options',
  debug: 'sc_debug_observability_config',
  admin: 'sc_adminserver_config',
  metrics: 'sc_adminserver_config',
} as const;

type IfBad = 'boot' | 'default' | 'fail';

/** What a row of the table says beyond name and type; what it leaves out is the usual. */
export interface RowOptions {
  /** The default, or the defaults with the release each began with. Absent: none, or worked out by the server. */
  readonly default?: string | readonly (readonly [since: string, value: string])[] | undefined;
  /** The releases it came with, one a branch it was ported to; 3.4.0 or earlier where absent. */
  readonly since?: string | readonly string[] | undefined;
  /** The last release that knew it. */
  readonly until?: string | undefined;
  readonly section?: keyof typeof SECTIONS | undefined;
  /**
   * Whether the members of an ensemble agree on it: they `must`, or it does harm; they `should`, or one behaves unlike the
   * others; or each has its `own`. `should` where absent.
   */
  readonly agree?: 'must' | 'should' | 'own' | undefined;
  /** What a value that cannot be read does: the server does not start, takes the default, or fails at what needs it. */
  readonly ifBad?: IfBad | undefined;
  /** The name the documentation gives it, which does nothing in zoo.cfg. */
  readonly documentedAs?: string | undefined;
}

/** One parameter of a ZooKeeper server. All are read at the start: a change takes a restart, but for the membership. */
export interface Parameter {
  /** As it is written in zoo.cfg; for `property`, the system property. */
  readonly name: string;
  readonly readBy: ReadBy;
  /** The Java system property that sets it, where there is one. */
  readonly property: string | undefined;
  readonly type: ValueType;
  readonly defaults: readonly (readonly [since: string, value: string])[];
  readonly since: readonly string[];
  readonly until: string | undefined;
  readonly agree: 'must' | 'should' | 'own';
  readonly change: 'restart' | 'reconfig';
  readonly ifBad: IfBad;
  readonly documentedAs: string | undefined;
  /** Where ZooKeeper's documentation has it; undefined where it does not. */
  readonly reference: string | undefined;
}

const GUIDE = 'https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#';

/** A link into the Administrator's Guide. */
export function guide(section: keyof typeof SECTIONS): string {
  return `${GUIDE}${SECTIONS[section]}`;
}

/** A key that QuorumPeerConfig reads. */
export function config(name: string, type: ValueType, options: RowOptions = {}): Parameter {
  return row(name, 'config', type, { ifBad: 'boot', ...options });
}

/** A key that is handed on as `zookeeper.KEY`. */
export function passed(name: string, type: ValueType, options: RowOptions = {}): Parameter {
  return row(name, 'passed', type, options);
}

/** A system property that zoo.cfg cannot set. */
export function property(name: string, type: ValueType, options: RowOptions = {}): Parameter {
  return row(name, 'property', type, options);
}

/** A key that reconfig changes while the ensemble runs. */
export function membership(name: string): Parameter {
  return { ...row(name, 'config', TEXT, { section: 'cluster', agree: 'must', ifBad: 'boot' }), change: 'reconfig' };
}

function row(name: string, readBy: ReadBy, type: ValueType, options: RowOptions): Parameter {
  const { default: value, since = '3.4.0', until, section, agree = 'should', ifBad = 'default' } = options;
  return {
    name,
    readBy,
    property: readBy === 'config' ? undefined : readBy === 'passed' ? `zookeeper.${name}` : name,
    type,
    defaults: typeof value === 'string' ? [['3.4.0', value]] : (value ?? []),
    since: typeof since === 'string' ? [since] : since,
    until,
    agree,
    change: 'restart',
    ifBad,
    documentedAs: options.documentedAs,
    reference: section === undefined ? undefined : guide(section),
  };
}

interface Range {
  min?: number;
  max?: number;
  unit?: string;
}

export const BOOLEAN: ValueType = { kind: 'boolean' };
export const TEXT: ValueType = { kind: 'text' };
export const PATH: ValueType = { kind: 'path' };
export const CLASS: ValueType = { kind: 'class' };
export const PORT: ValueType = { kind: 'port' };
export const ADDRESS: ValueType = { kind: 'address' };
export const LIST: ValueType = { kind: 'list' };
export const YES_NO: ValueType = { kind: 'choice', choices: ['yes', 'no'], exact: true };
export const INT: ValueType = { kind: 'int' };
export const DECIMAL: ValueType = { kind: 'decimal' };

export function int(range: Range): ValueType {
  return { kind: 'int', ...range };
}

export function long(range: Range): ValueType {
  return { kind: 'long', ...range };
}

export function decimal(range: Range): ValueType {
  return { kind: 'decimal', ...range };
}

export function choice(...choices: string[]): ValueType {
  return { kind: 'choice', choices, exact: false };
}
