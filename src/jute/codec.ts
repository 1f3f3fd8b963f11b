import { JuteError } from './errors.ts';
import { JuteReader } from './reader.ts';
import { JuteWriter } from './writer.ts';

/** How one jute type goes to bytes and back. A record's declaration reads like its lines in `zookeeper.jute`. */
export interface Codec<T> {
  /** The fewest bytes a value takes; bounds a vector's count before its elements are read. */
  readonly minBytes: number;
  write(writer: JuteWriter, value: T): void;
  read(reader: JuteReader): T;
}

/** The TypeScript type a codec carries. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** A record's codec, with its fields kept for schema checks and printing. */
export interface RecordCodec<T> extends Codec<T> {
  readonly fields: Readonly<Record<string, Codec<unknown>>>;
}

export const int: Codec<number> = {
  minBytes: 4,
  write: (writer, value) => writer.int(value),
  read: (reader) => reader.int(),
};

export const long: Codec<bigint> = {
  minBytes: 8,
  write: (writer, value) => writer.long(value),
  read: (reader) => reader.long(),
};

export const bool: Codec<boolean> = {
  minBytes: 1,
  write: (writer, value) => writer.bool(value),
  read: (reader) => reader.bool(),
};

export const buffer: Codec<Uint8Array | null> = {
  minBytes: 4,
  write: (writer, value) => writer.buffer(value),
  read: (reader) => reader.buffer(),
};

/** A `ustring` that is always there. */
export const ustring: Codec<string> = {
  minBytes: 4,
  write: (writer, value) => writer.string(value),
  read: (reader) => {
    const value = reader.string();
    if (value === null) throw new JuteError('null', 'a string that must be there is null');
    return value;
  },
};

/** A `ustring` Java may leave null, such as a reconfiguration's lists. */
export const nullableUstring: Codec<string | null> = {
  minBytes: 4,
  write: (writer, value) => (value === null ? writer.int(-1) : writer.string(value)),
  read: (reader) => reader.string(),
};

/** `vector<T>`. */
export function vector<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    minBytes: 4,
    write: (writer, values) => {
      writer.int(values.length);
      for (const value of values) element.write(writer, value);
    },
    read: (reader) => {
      const count = reader.count(element.minBytes);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(element.read(reader));
      return values;
    },
  };
}

type RecordValue<S> = { -readonly [K in keyof S]: Value<S[K]> };

/** Both directions of a record as one would write them by hand. */
type ByHand<T> = Partial<Pick<Codec<T>, 'read' | 'write'>>;

/**
 * `class Name { … }`: fields one after the other, in the order declared.
 *
 * @param byHand the same in straight lines, for the few records that come by the hundred thousand: the loop over the
 *   fields costs three times as much. That it is the same, the schema's tests show.
 */
export function record<const S extends Record<string, Codec<unknown>>>(
  shape: S,
  byHand: ByHand<RecordValue<S>> = {},
): RecordCodec<RecordValue<S>> {
  const names = Object.keys(shape);
  const codecs: readonly Codec<unknown>[] = Object.values(shape);
  return {
    fields: shape,
    minBytes: codecs.reduce((sum, codec) => sum + codec.minBytes, 0),
    write: (writer, value) => {
      const source = value as Record<string, unknown>;
      for (let i = 0; i < names.length; i++) codecs[i]?.write(writer, source[names[i] as string]);
    },
    read: (reader) => {
      const value: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) value[names[i] as string] = codecs[i]?.read(reader);
      return value as RecordValue<S>;
    },
    ...byHand,
  };
}

/** A record without fields: operations whose request or reply is its header alone. */
export const empty: RecordCodec<Record<string, never>> = record({});

/** One value as bytes. */
export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new JuteWriter(64);
  codec.write(writer, value);
  return writer.take();
}

/** One value from bytes that hold it and nothing else. */
export function decode<T>(codec: Codec<T>, bytes: Buffer): T {
  const reader = new JuteReader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}
