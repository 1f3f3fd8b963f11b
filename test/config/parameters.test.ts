import { describe, expect, it } from 'vitest';
import { NEWEST, OLDEST, parseRelease, type Release } from '../../src/config/parameters/release.ts';
import { defaultOf, findParameter, knownTo, PARAMETERS } from '../../src/config/parameters/table.ts';
import { checkValue, readInteger } from '../../src/config/value.ts';

const release = (text: string): Release => parseRelease(text) ?? OLDEST;
const parameter = (name: string) => findParameter(name)!;

describe('the table of parameters', () => {
  it('names each once', () => {
    const names = PARAMETERS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThan(200);
  });

  it('has defaults that are values of their type', () => {
    const bad = PARAMETERS.flatMap((one) =>
      one.defaults.map(([, value]) => [one.name, checkValue(one, value, NEWEST)]),
    );
    expect(bad.filter(([, problem]) => problem !== undefined)).toEqual([]);
  });

  it('names releases that there are', () => {
    const named = PARAMETERS.flatMap((one) => [
      ...one.since,
      ...(one.until ?? []),
      ...one.defaults.map(([since]) => since),
    ]);
    expect(named.filter((text) => text.length > 1 && !/^3\.[4-9]\.\d+$/.test(text))).toEqual([]);
  });

  it.each([
    ['tickTime', '3.4.0', true],
    ['reconfigEnabled', '3.5.2', false],
    ['reconfigEnabled', '3.5.3', true],
    ['admin.forceHttps', '3.6.2', false],
    ['admin.forceHttps', '3.6.3', true],
    ['admin.forceHttps', '3.7.0', false],
    ['admin.forceHttps', '3.7.1', true],
    ['admin.forceHttps', '3.8.0', true],
    ['4lw.commands.whitelist', '3.4.9', false],
    ['4lw.commands.whitelist', '3.4.10', true],
    ['4lw.commands.whitelist', '3.5.0', false],
    ['ipReachableTimeout', '3.5.0', false],
    ['leader.maxConcurrentSnapshots', '3.5.10', true],
    ['leader.maxConcurrentSnapshots', '3.6.0', false],
    ['fips-mode', '3.8', true],
    ['server.1', '3.4.0', true],
  ])('knows of %s in %s: %s', (name, version, known) => {
    expect(knownTo(parameter(name), release(version))).toBe(known);
  });

  it.each([
    ['4lw.commands.whitelist', '3.4.14', '*'],
    ['4lw.commands.whitelist', '3.9.0', 'srvr'],
    ['fips-mode', '3.8.6', 'false'],
    ['fips-mode', '3.9.0', 'true'],
    ['dataDir', '3.9.0', undefined],
  ])('gives %s in %s the default %s', (name, version, value) => {
    expect(defaultOf(parameter(name), release(version))).toBe(value);
  });

  it('says which system property sets a parameter, and what a change takes', () => {
    expect(parameter('snapCount')).toMatchObject({ property: 'zookeeper.snapCount', change: 'restart' });
    expect(parameter('jute.maxbuffer')).toMatchObject({ property: 'jute.maxbuffer', readBy: 'property' });
    expect(parameter('tickTime')).toMatchObject({ property: undefined, readBy: 'config' });
    expect(parameter('server.7')).toMatchObject({ change: 'reconfig' });
    expect(parameter('authProvider.1')).toMatchObject({ property: 'zookeeper.authProvider.1' });
  });
});

describe('a value', () => {
  it.each([
    ['snapCount', '0x10', 16n],
    ['snapCount', '010', 8n],
    ['snapCount', '-5', -5n],
    ['tickTime', '010', 10n],
    ['tickTime', '+5', 5n],
    ['tickTime', '0x10', undefined],
    ['tickTime', '2 000', undefined],
    ['tickTime', '', undefined],
  ])('of %s, %j, is read as its reader does: %s', (name, text, value) => {
    expect(readInteger(parameter(name), text)).toBe(value);
  });

  it.each([
    ['tickTime', '2147483648', 'type', 'boot'],
    ['clientPort', '70000', 'type', 'boot'],
    ['admin.serverPort', '70000', 'type', 'fail'],
    ['snapCount', 'many', 'type', 'default'],
    ['cnxTimeout', 'long', 'type', 'boot'],
    ['skipACL', 'Yes', 'type', 'default'],
    ['ssl.clientAuth', 'maybe', 'type', 'fail'],
    ['peerType', 'leader', 'type', 'boot'],
    ['pathStats.sampleRate', '2', 'range', 'default'],
  ])('of %s, %j, is judged: %s, %s', (name, text, kind, effect) => {
    expect(checkValue(parameter(name), text, NEWEST)).toMatchObject({ kind, effect });
  });

  it.each([
    ['peerType', 'OBSERVER'],
    ['ssl.clientAuth', 'WANT'],
    ['sslQuorum', 'TRUE'],
    ['jute.maxbuffer', '0xfffff'],
  ])('of %s may be %j', (name, text) => {
    expect(checkValue(parameter(name), text, NEWEST)).toBeUndefined();
  });
});
