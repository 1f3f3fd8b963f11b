import { JuteReader } from '../jute/reader.ts';
import { eventTypes, type WatchEvent } from '../protocol/events.ts';
import { ReplyHeader, WatcherEvent } from '../protocol/records.ts';
import { ServerError } from '../protocol/server-errors.ts';
import type { ConnectionListener } from './connection.ts';
import { ProtocolError } from './errors.ts';
import { Xid } from './handshake.ts';
import type { Pipeline, Reply } from './pipeline.ts';

/** Where what comes in goes to. */
export interface InboundRoutes {
  pipeline: Pipeline;
  maxReplyBytes: number;
  authReplied(errno: number): void;
  watchesRefused(error: ServerError): void;
  /** A reply showed the ensemble at this zxid. */
  seen(zxid: bigint): void;
  fired(event: WatchEvent): void;
}

/** Sorts a served session's packets by their xid; what it throws ends the connection. */
export function inbound(routes: InboundRoutes): ConnectionListener {
  const reader = new JuteReader(Buffer.alloc(0));
  // The zxid first: what a resolved call reads of the client must include its own reply.
  const seen = (zxid: bigint) => routes.seen(zxid);
  return {
    frame: (bytes) => {
      reader.open(bytes);
      const header = readHeader(reader);
      switch (header.xid) {
        case Xid.notification:
          routeEvent(header, reader, routes);
          break;
        case Xid.ping:
          break;
        case Xid.auth:
          routes.authReplied(header.err);
          break;
        case Xid.setWatches:
          if (header.err !== 0) routes.watchesRefused(new ServerError(header.err, 'setWatches'));
          break;
        default:
          routes.pipeline.reply(header, reader, seen);
      }
    },
    oversized: ({ length, head }) => {
      const header = readHeader(new JuteReader(head));
      routes.pipeline.oversized(header, length, routes.maxReplyBytes);
    },
    drained: () => routes.pipeline.flush(),
  };
}

function readHeader(reader: JuteReader): Reply {
  try {
    return ReplyHeader.read(reader);
  } catch (error) {
    const why = (error as Error).message;
    throw new ProtocolError('BAD_HEADER', `the server sent a frame too short for a reply: ${why}`, error);
  }
}

function routeEvent(header: Reply, reader: JuteReader, routes: InboundRoutes): void {
  let event: { type: number; path: string };
  try {
    event = WatcherEvent.read(reader);
    reader.end();
  } catch (error) {
    throw new ProtocolError('BAD_EVENT', `the server sent a malformed event: ${(error as Error).message}`, error);
  }
  const type = (eventTypes as Readonly<Record<number, WatchEvent['type'] | 'None'>>)[event.type];
  if (type === undefined)
    throw new ProtocolError('BAD_EVENT', `the server sent an event of unknown type ${event.type}`);
  if (type === 'None') return;
  routes.fired({ type, path: event.path, zxid: header.zxid });
}
