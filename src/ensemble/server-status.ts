/** What `srvr` tells of one server; fields a server of that version does not print are undefined. */
export interface ServerStatus {
  /** `standalone`, `leader`, `follower`, `observer` or `read-only`; undefined while it does not serve. */
  mode: string | undefined;
  /** The version alone, such as `3.8.0`; Debian's build leaves `3.8.0-${mvngit.commit.id}` in it. */
  version: string | undefined;
  /** Milliseconds a request took: least, average, most. */
  latency: { min: number; avg: number; max: number } | undefined;
  received: bigint | undefined;
  sent: bigint | undefined;
  connections: number | undefined;
  outstanding: number | undefined;
  zxid: bigint | undefined;
  nodeCount: number | undefined;
}

/** Reads the answer to `srvr` (also the head of `stat`); lines it does not know are skipped. */
export function parseServerStatus(text: string): ServerStatus {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const latency = /^([\d.]+)\/([\d.]+)\/([\d.]+)$/.exec(fields.get('latency min/avg/max') ?? '');
  return {
    mode: fields.get('mode'),
    version: /^\d+\.\d+(?:\.\d+)?/.exec(fields.get('zookeeper version') ?? '')?.[0],
    latency:
      latency === null ? undefined : { min: Number(latency[1]), avg: Number(latency[2]), max: Number(latency[3]) },
    received: whole(fields.get('received')),
    sent: whole(fields.get('sent')),
    connections: small(fields.get('connections')),
    outstanding: small(fields.get('outstanding')),
    zxid: whole(fields.get('zxid')),
    nodeCount: small(fields.get('node count')),
  };
}

function whole(text: string | undefined): bigint | undefined {
  return text !== undefined && /^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
}

function small(text: string | undefined): number | undefined {
  const value = whole(text);
  return value === undefined ? undefined : Number(value);
}
