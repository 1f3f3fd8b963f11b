import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandHost } from '../../src/hosts/command-host.ts';
import { noService } from '../../src/hosts/service.ts';
import { fillTemplate } from '../../src/hosts/template.ts';
import { describeHost } from './host-behaviour.ts';

const root = mkdtempSync(join(tmpdir(), 'zksh-commands-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const member = { id: '1', host: 'zk1', config: '/zoo.cfg' };
const nothing = () => noService('zk1', 'there is none', 'Add one.');

describe('a host reached by {command}', () => {
  const host = commandHost({ run: 'sh -c {command} {id} {host}' }, member, nothing);
  describeHost({ host: () => host, directory: () => root });
});

describe('a host reached by {argv}', () => {
  const host = commandHost({ run: 'env ZK={id} {argv}' }, member, nothing);
  describeHost({ host: () => host, directory: () => root });
});

describe('a host with commands of its own for files', () => {
  const host = commandHost(
    { read: 'cat {path}', write: 'cat > {path} && chmod {mode} {path} && echo {owner} > {path}.owner' },
    member,
    nothing,
  );

  it('writes and reads by them, whatever the path', async () => {
    for (const name of ['plain', `it's $HOME; "x"`, 'new\nline']) {
      const path = join(root, name);
      await host.writeFile(path, `${name}\0`, { mode: 0o600, owner: 'zk:zk' });
      expect((await host.readFile(path, { maxBytes: 100 })).toString()).toBe(`${name}\0`);
      expect(readFileSync(`${path}.owner`, 'utf8')).toBe('zk:zk\n');
    }
    const path = join(root, 'plain');
    expect((await host.readFile(path, { maxBytes: 3, end: true })).toString()).toBe('in\0');
    await expect(host.readFile(path, { maxBytes: 3 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(host.readFile(join(root, 'none'), { maxBytes: 3 })).rejects.toMatchObject({ outcome: 'failed' });
  });

  it('says that nothing else can be done', async () => {
    await expect(host.run(['true'])).rejects.toMatchObject({ code: 'HOST_CANNOT', outcome: 'none' });
    await expect(host.stat('/etc')).rejects.toMatchObject({ code: 'HOST_CANNOT', outcome: 'none' });
  });
});

describe('a template', () => {
  it('takes every value as one word', () => {
    const id = `1; rm -rf / $(x) 'y'`;
    expect(fillTemplate('stop {id} now', { id })).toBe(`stop '1; rm -rf / $(x) '\\''y'\\''' now`);
    expect(fillTemplate('{a}{b}', { a: 'x', b: ['y', 'z w'] })).toBe(`xy 'z w'`);
    const own = ['$', '{id} {} {1} "a b"'].join('');
    expect(fillTemplate(own, { id })).toBe(own);
  });

  it('can not be broken by a value that looks like a placeholder', () => {
    expect(fillTemplate('{a} {b}', { a: '{b}', b: 'x' })).toBe(`'{b}' x`);
  });

  it.each([
    ['echo "{id}"', 'stands inside quotes'],
    [`echo '{id}'`, 'stands inside quotes'],
    ['echo `x {id}`', 'stands inside quotes'],
    [`ssh h "sudo x {id}"`, 'stands inside quotes'],
    ['echo \\{id}', 'a backslash before {'],
    ['echo {name}', '{name} stands for nothing here'],
  ])('is refused: %s', (template, why) => {
    expect(() => fillTemplate(template, { id: '1' })).toThrow(why);
  });
});
