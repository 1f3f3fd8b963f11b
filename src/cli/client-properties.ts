import type { TlsSettings } from '../auth/tls.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** What a Java client's configuration file says that concerns us. */
export interface ClientProperties {
  tls?: TlsSettings | undefined;
  /** Milliseconds. */
  sessionTimeout?: number | undefined;
}

const TLS_PROPERTIES: Readonly<Record<string, keyof TlsSettings>> = {
  'zookeeper.ssl.keyStore.location': 'keystore',
  'zookeeper.ssl.trustStore.location': 'truststore',
};

const TLS_SECRETS: Readonly<Record<string, keyof TlsSettings>> = {
  'zookeeper.ssl.keyStore.password': 'keystorePassword',
  'zookeeper.ssl.trustStore.password': 'truststorePassword',
};

/** Reads the file that zkCli's `-client-configuration` names (ZKClientConfig, X509Util). */
export async function readClientProperties(file: string | undefined): Promise<ClientProperties> {
  if (file === undefined) return {};
  const { readFile } = await import('node:fs/promises');
  try {
    return clientSettings(parseProperties(await readFile(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ZkshError(`cannot read the client configuration ${file}: ${reason}`, {
      code: 'BAD_CLIENT_CONFIGURATION',
      exitCode: ExitCode.usage,
      cause: error,
    });
  }
}

/** Our settings from a Java client's properties; TLS only where `zookeeper.client.secure` is true, as in Java. */
export function clientSettings(properties: ReadonlyMap<string, string>): ClientProperties {
  if (properties.get('zookeeper.client.secure')?.toLowerCase() !== 'true') return {};
  const tls: TlsSettings = {};
  for (const [property, field] of Object.entries(TLS_PROPERTIES)) {
    const value = properties.get(property);
    if (value !== undefined && value !== '') Object.assign(tls, { [field]: value });
  }
  for (const [property, field] of Object.entries(TLS_SECRETS)) {
    const path = properties.get(`${property}Path`);
    const literal = properties.get(property);
    if (path !== undefined && path !== '') Object.assign(tls, { [field]: `file:${path}` });
    else if (literal !== undefined && literal !== '') Object.assign(tls, { [field]: literal });
  }
  if (properties.get('zookeeper.ssl.hostnameVerification')?.toLowerCase() === 'false') tls.verifyHostname = false;
  return { tls };
}

/** Java's properties format: comments, `=`, `:` or space between key and value, `\` escapes and continued lines. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  const lines = text.split(/\r\n|[\r\n]/);
  for (let i = 0; i < lines.length; i += 1) {
    let line = (lines[i] ?? '').trimStart();
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    while (endsInOddBackslashes(line) && i + 1 < lines.length) {
      i += 1;
      line = line.slice(0, -1) + (lines[i] ?? '').trimStart();
    }
    const [key, value] = splitProperty(line);
    properties.set(unescapeProperty(key), unescapeProperty(value));
  }
  return properties;
}

function endsInOddBackslashes(line: string): boolean {
  return ((/\\+$/.exec(line)?.[0].length ?? 0) & 1) === 1;
}

function splitProperty(line: string): [key: string, value: string] {
  const match = /^((?:\\.|[^\\=:\s])*)(?:\s*[=:]\s*|\s+|$)([\s\S]*)$/.exec(line);
  return [match?.[1] ?? line, match?.[2] ?? ''];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' };

function unescapeProperty(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_all, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}
