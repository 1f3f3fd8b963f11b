import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';
import { openTerminal } from './terminal.ts';

/** Everything here stays below this znode: the ensemble is shared. */
const ROOT = `/shell-${process.pid}`;

let servers: string;
let zk: Client;

beforeAll(async () => {
  servers = (await sharedEnsemble('three')).connectString;
  zk = await connect(servers);
  await zk.create(ROOT, 'root');
});

afterAll(async () => {
  for (const child of (await zk.getChildren(ROOT)).children) await zk.delete(`${ROOT}/${child}`).catch(() => {});
  await zk.delete(ROOT).catch(() => {});
  await zk.close();
});

/** A shell in its own corner of the tree, at its prompt. */
async function shellIn(name: string, data = '', env: Record<string, string> = {}) {
  const path = `${ROOT}/${name}`;
  await zk.create(path, data);
  const terminal = await openTerminal(['-S', servers], env);
  await terminal.shows('(connected) /> ');
  await terminal.line(`cd ${path}`);
  await terminal.shows(`(connected) ${path}> `);
  return { ...terminal, path, prompt: `${servers.split(',')[0]},… (connected) ${path}>` };
}

describe('the shell in a terminal', () => {
  it('shows context, connection and path, runs a line, and leaves with Ctrl-D', async () => {
    const terminal = await openTerminal(['-S', servers]);
    await terminal.shows(/connected to 127\.0\.0\.1:\d+; session 0x[0-9a-f]+, timeout 30 s/);
    await terminal.promptIs(`${servers.split(',')[0]},… (connected) />`);
    await terminal.line(`get ${ROOT}`);
    await terminal.shows('\nroot\n');
    await terminal.press('C-d');
    expect(await terminal.exitCode()).toBe(0);
  });

  it('follows cd, cd .. and cd -, and refuses a znode that is not there', async () => {
    const { line, shows, promptIs, path, prompt } = await shellIn('cd');
    await line('cd ..');
    await promptIs(prompt.replace(path, ROOT));
    await line('cd -');
    await promptIs(prompt);
    await line('cd nowhere');
    await shows(`error: there is no znode ${path}/nowhere`);
    await line('pwd');
    await shows(`\n${path}\n`);
  });

  it('completes commands, flags and live paths', async () => {
    const { type, press, shows, path } = await shellIn('complete', 'the data');
    await type('getAllCh');
    await press('Tab');
    await shows('> getAllChildrenNumber');
    await press('C-u');
    await type('get --outp');
    await press('Tab');
    await shows('> get --output');
    await press('Tab');
    await shows(/csv +json +ndjson +raw +table +text +yaml/);
    await press('C-u');
    await type(`get ${path.slice(0, -3)}`);
    await press('Tab');
    await shows(`> get ${path} `);
    await press('Enter');
    await shows('\nthe data\n');
  });

  it('lists what a path may go on with, and completes names that need quotes', async () => {
    const { type, press, shows, path } = await shellIn('quotes');
    const names = ['two words', "two's", 'other'];
    for (const name of names) await zk.create(`${path}/${name}`, `data of ${name}`);
    await type('get ');
    await press('Tab');
    await shows(/other +two words +two's/);
    await type('o');
    await press('Tab');
    await shows('> get other ');
    await press('Enter');
    await shows('\ndata of other\n');
    await type('get "two');
    await press('Tab');
    await shows(/\ntwo words +two's\n.*> get "two\n$/);
    await type(' ');
    await press('Tab');
    await shows('> get "two words" ');
    await press('Enter');
    await shows('\ndata of two words\n');
    await type("get two'");
    await press('Tab');
    await shows('> get "two\'s" ');
    await press('Enter');
    await shows("\ndata of two's\n");
    for (const name of names) await zk.delete(`${path}/${name}`);
  });

  it('keeps the typed text and cursor when a watch event comes', async () => {
    const { line, type, press, shows, promptIs, path, prompt } = await shellIn('watch', 'before');
    await line(`get -w ${path}`);
    await shows('\nbefore\n');
    await type(`set ${path} typed`);
    await press('Left', 'Left');
    await shows(`set ${path} typed`);
    await zk.setData(path, 'from elsewhere');
    await shows(`watch: NodeDataChanged ${path}`);
    await promptIs(`${prompt} set ${path} typed`);
    await type('X');
    await promptIs(`${prompt} set ${path} typXed`);
    await press('Enter');
    await until('the line is run as it was typed', async () => (await zk.getData(path)).data?.toString() === 'typXed');
  });

  it('says nothing of watch events after printwatches off', async () => {
    const { line, shows, screen, path } = await shellIn('silent', 'a');
    await line('printwatches off');
    await line(`get -w ${path}`);
    await shows('\na\n');
    await zk.setData(path, 'b');
    await line('printwatches on');
    await line(`get -w ${path}`);
    await shows('\nb\n');
    await zk.setData(path, 'c');
    await shows('watch: NodeDataChanged');
    expect((await screen()).filter((row) => row.startsWith('watch:'))).toHaveLength(1);
  });

  it('runs every line of a paste and leaves the unfinished one to be typed on', async () => {
    const { paste, type, press, shows, promptIs, prompt, path } = await shellIn('paste', 'x');
    await paste(`get ${path}\npwd\nget ${path} -`);
    await shows(`\nx\n${prompt} pwd\n${path}\n`);
    await promptIs(`${prompt} get ${path} -`);
    await type('o json');
    await press('Enter');
    await shows('"utf8"');
  });

  it('keeps a history over shells, without secrets', async () => {
    const first = await shellIn('history');
    await first.line('addauth digest bob:s3cret');
    await first.line('get --auth digest:bob:s3cret --server=h:1');
    await first.line(`ls ${first.path}`);
    await first.shows('[]');
    await first.line('quit');
    expect(await first.exitCode()).toBe(0);
    const file = join(first.home, 'state', 'zksh', 'history');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain('s3cret');

    const second = await openTerminal(['-S', servers], { HOME: first.home });
    await second.shows('(connected)');
    await second.press('Up', 'Up');
    await second.shows(`> ls ${first.path}`);
    await second.press('Up', 'Up');
    const screen = await second.shows('> addauth digest <redacted>');
    expect(screen).not.toContain('s3cret');
    await second.press('C-c');
    await second.line('redo 2');
    await second.shows('error: the line held a secret');
  });

  it('stops a system command with Ctrl-C, drops a typed line with it, and goes on', async () => {
    const { line, type, press, shows, promptIs, prompt, screen } = await shellIn('interrupt');
    await line('!echo started; sleep 300');
    await shows('\nstarted\n');
    await press('C-c');
    await promptIs(prompt);
    await type('create /never');
    // Else the prompt that is there already is taken for the one after it.
    await shows('create /never\n');
    await press('C-c');
    await promptIs(prompt);
    await press('C-c');
    await shows('Ctrl-D or quit leaves the shell.');
    await line('!echo still "here"');
    await shows('\nstill here\n');
    expect((await screen()).join('\n')).not.toContain('error');
  });

  it('pipes into system commands, redirects into files, and repeats with !! and redo', async () => {
    const { line, shows, home, path } = await shellIn('pipe', 'some data');
    await line(`get ${path} | tr a-z A-Z | rev`);
    await shows('\nATAD EMOS\n');
    await line(`get ${path} > ${home}/out ; ls ${path} >> ${home}/out`);
    await line(`!wc -l < ${home}/out`);
    await shows('\n2\n');
    await line('!!');
    await shows(/\n2\n(.*\n)+2\n/);
    await line('history 4');
    // As history lists it: the line as it was typed is on the screen, too.
    const listed = /(\d+) - get .* \| tr a-z A-Z \| rev\n/;
    const number = listed.exec(await shows(listed))?.[1];
    await line('clear');
    await line(`redo ${number}`);
    await shows('\nATAD EMOS\n');
    expect(await readFile(join(home, 'out'), 'utf8')).toBe('some data\n[]\n');
  });

  it('does not write its prompt over output that ends in the middle of a row', async () => {
    const { line, shows, path } = await shellIn('raw', 'no line feed');
    await line(`get ${path} -o raw`);
    await shows(/\nno line feed *\n.*\/raw> /);
    await line('!printf "%s" neither');
    await shows(/\nneither *\n.*\/raw> /);
  });

  it('asks inside a command, and typing goes on after the answer', async () => {
    const { line, type, press, shows, promptIs, prompt, path } = await shellIn('question');
    await zk.create(`${path}/a`);
    await zk.create(`${path}/a/b`);
    await line('deleteall a');
    await shows('(y/N)');
    await type('n');
    await press('Enter');
    await promptIs(prompt);
    expect(await zk.exists(`${path}/a/b`)).toBeDefined();
    await line('deleteall a');
    await shows(/ No\n[\s\S]*\(y\/N\)/);
    await type('y');
    await press('Enter');
    await until('the tree is gone', async () => (await zk.exists(`${path}/a`)) === undefined);
    await promptIs(prompt);
    await zk.create(`${path}/c`);
    await zk.create(`${path}/c/d`);
    await line('deleteall c');
    await shows(/ Yes\n[\s\S]*\(y\/N\)/);
    await press('C-c');
    await promptIs(prompt);
    await line('!echo typing goes "on"');
    await shows('\ntyping goes on\n');
    expect(await zk.exists(`${path}/c/d`)).toBeDefined();
    await zk.delete(`${path}/c/d`);
    await zk.delete(`${path}/c`);
  });

  it('says that it is not connected after close, and connects again', async () => {
    const { line, shows, promptIs, prompt, path } = await shellIn('close');
    await line('close');
    await promptIs(prompt.replace('connected', 'not connected'));
    await line(`get ${path}`);
    await shows('error: not connected\n  connect opens a session again');
    await line('connect');
    await promptIs(prompt.replace(path, '/'));
    await line('connect nonsense:port');
    await shows('error: ');
    await promptIs(prompt.replace(path, '/'));
    await line(`connect ${servers}${path}`);
    await shows(`…${path} (connected) /> `);
  });

  it('shows the context, completes contexts, and heeds the protection of the one it is in', async () => {
    const config = await mkdtemp(join(tmpdir(), 'zksh-contexts-'));
    onTestFinished(() => rm(config, { recursive: true, force: true }));
    const contexts = { prod: { servers: `${servers}${ROOT}`, protected: true }, play: { servers } };
    await writeFile(join(config, 'contexts.json'), JSON.stringify({ current: 'play', contexts }), { mode: 0o600 });
    const { line, type, press, shows, promptIs } = await openTerminal(['-C', 'prod'], { ZKSH_CONFIG_DIR: config });
    await promptIs('prod (connected) />');
    await line('create /tree ; create /tree/leaf');
    await shows('Created /tree/leaf');
    await line('deleteall /tree');
    await shows(/prod.*protected|protected.*prod/);
    await type('play');
    await press('Enter');
    await shows('error: ');
    await promptIs('prod (connected) />');
    expect(await zk.exists(`${ROOT}/tree/leaf`)).toBeDefined();
    await line('deleteall /tree --yes --i-know prod');
    await until('the tree is gone', async () => (await zk.exists(`${ROOT}/tree`)) === undefined);
    await type('connect -C pl');
    await press('Tab');
    await shows('> connect -C play ');
    await press('Enter');
    await promptIs('play (connected) />');
  });

  it('shows the events of a running watch once, and other events beside them', async () => {
    const { line, press, shows, screen, promptIs, path, prompt } = await shellIn('watching', 'a');
    await line(`get -w ${ROOT}`);
    await shows('\nroot\n');
    await line('watch .');
    await until('the watch stands', async () => {
      await zk.setData(path, 'b');
      return (await screen()).some((row) => row.includes(`NodeDataChanged  ${path}`));
    });
    await zk.setData(ROOT, 'root');
    await shows(`watch: NodeDataChanged ${ROOT}\n`);
    await press('C-c');
    await promptIs(prompt);
    expect((await screen()).filter((row) => row.startsWith(`watch: NodeDataChanged ${path}`))).toEqual([]);
  });
});
