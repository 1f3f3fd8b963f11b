import type { Codec } from '../jute/codec.ts';
import { JuteError } from '../jute/errors.ts';
import { ErrorResponse, MultiHeader } from './records.ts';

/** One operation inside a multi: its code and its own request record. */
export interface MultiPart {
  type: number;
  record: unknown;
}

/** One answer inside a multi: `error` set, or the record its type says. */
export interface MultiResult {
  type: number;
  error: number;
  record: unknown;
}

const ERROR_TYPE = -1;
const END = { type: -1, done: true, err: -1 } as const;

type Codecs = ReadonlyMap<number, Codec<unknown>>;

function codecOf(codecs: Codecs, type: number): Codec<unknown> {
  const codec = codecs.get(type);
  if (codec === undefined) throw new JuteError('value', `operation ${type} has no place in this multi`);
  return codec;
}

/** (MultiHeader{type, false, -1} request)* MultiHeader{-1, true, -1}, see MultiOperationRecord.java. */
export function multiRequest(codecs: Codecs): Codec<readonly MultiPart[]> {
  return {
    minBytes: MultiHeader.minBytes,
    write: (writer, parts) => {
      for (const part of parts) {
        MultiHeader.write(writer, { type: part.type, done: false, err: -1 });
        codecOf(codecs, part.type).write(writer, part.record);
      }
      MultiHeader.write(writer, END);
    },
    read: (reader) => {
      const parts: MultiPart[] = [];
      for (let header = MultiHeader.read(reader); !header.done; header = MultiHeader.read(reader)) {
        parts.push({ type: header.type, record: codecOf(codecs, header.type).read(reader) });
      }
      return parts;
    },
  };
}

/** (MultiHeader{type, false, err} response)* MultiHeader{-1, true, -1}; an error's response is its code once more. */
export function multiResponse(codecs: Codecs): Codec<readonly MultiResult[]> {
  return {
    minBytes: MultiHeader.minBytes,
    write: (writer, results) => {
      for (const result of results) {
        MultiHeader.write(writer, { type: result.type, done: false, err: result.error });
        if (result.type === ERROR_TYPE) ErrorResponse.write(writer, { err: result.error });
        else codecOf(codecs, result.type).write(writer, result.record);
      }
      MultiHeader.write(writer, END);
    },
    read: (reader) => {
      const results: MultiResult[] = [];
      for (let header = MultiHeader.read(reader); !header.done; header = MultiHeader.read(reader)) {
        if (header.type === ERROR_TYPE) {
          // The header's err is what the Java server fills in from the same place; the record is what clients read.
          results.push({ type: ERROR_TYPE, error: ErrorResponse.read(reader).err, record: undefined });
        } else {
          results.push({ type: header.type, error: 0, record: codecOf(codecs, header.type).read(reader) });
        }
      }
      return results;
    },
  };
}
