import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientSettings, parseProperties, readClientProperties } from '../../src/cli/client-properties.ts';

describe("Java's properties format", () => {
  it.each([
    ['a=b', { a: 'b' }],
    ['a = b c ', { a: 'b c ' }],
    ['a:b', { a: 'b' }],
    ['a b', { a: 'b' }],
    ['  a=b', { a: 'b' }],
    ['# comment\n! another\n\na=b', { a: 'b' }],
    ['a=b\\\n   c', { a: 'bc' }],
    ['a=b\\\\\nc=d', { a: 'b\\', c: 'd' }],
    ['a\\=x=b', { 'a=x': 'b' }],
    ['a=\\u00e9\\t\\n', { a: 'é\t\n' }],
    ['a', { a: '' }],
    ['a=1\r\nb=2\rc=3', { a: '1', b: '2', c: '3' }],
    ['path=C\\:\\\\keys\\\\k.jks', { path: 'C:\\keys\\k.jks' }],
  ])('%j is read', (text, expected) => {
    expect(Object.fromEntries(parseProperties(text))).toEqual(expected);
  });
});

describe("a Java client's configuration", () => {
  const settings = (text: string) => clientSettings(parseProperties(text));

  it('means TLS only where it says so', () => {
    expect(settings('zookeeper.ssl.keyStore.location=k.jks')).toEqual({});
    expect(settings('zookeeper.client.secure=true')).toEqual({ tls: {} });
  });

  it('names stores and passwords', () => {
    expect(
      settings(`zookeeper.client.secure=true
zookeeper.ssl.keyStore.location=/k.jks
zookeeper.ssl.keyStore.password=secret
zookeeper.ssl.trustStore.location=/t.p12
zookeeper.ssl.trustStore.passwordPath=/t.pass
zookeeper.ssl.trustStore.password=not-this
zookeeper.ssl.hostnameVerification=false`),
    ).toEqual({
      tls: {
        keystore: '/k.jks',
        keystorePassword: 'secret',
        truststore: '/t.p12',
        truststorePassword: 'file:/t.pass',
        verifyHostname: false,
      },
    });
  });

  it('is read from its file, and a missing file is a usage error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zksh-properties-'));
    try {
      writeFileSync(join(folder, 'c'), 'zookeeper.client.secure=TRUE\n');
      expect(await readClientProperties(join(folder, 'c'))).toEqual({ tls: {} });
      await expect(readClientProperties(join(folder, 'none'))).rejects.toMatchObject({ exitCode: 2 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
