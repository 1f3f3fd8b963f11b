import type { Codec } from '../jute/codec.ts';

/** The server's answer to a ConnectRequest. */
export interface ConnectResponse {
  protocolVersion: number;
  /** Negotiated session timeout in milliseconds; 0 or less says the session has expired. */
  timeOut: number;
  sessionId: bigint;
  passwd: Uint8Array | null;
  readOnly: boolean;
}

/**
 * int protocolVersion, int timeOut, long sessionId, buffer passwd, boolean readOnly.
 * The last byte is missing from servers before 3.4 and from those told to speak the old protocol
 * (ProtocolManager.java), so its absence means "not read-only".
 */
export const ConnectResponse: Codec<ConnectResponse> = {
  minBytes: 20,
  write: (writer, value) => {
    writer.int(value.protocolVersion);
    writer.int(value.timeOut);
    writer.long(value.sessionId);
    writer.buffer(value.passwd);
    writer.bool(value.readOnly);
  },
  read: (reader) => ({
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.long(),
    passwd: reader.buffer(),
    readOnly: reader.remaining > 0 && reader.bool(),
  }),
};
