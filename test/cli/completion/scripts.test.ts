import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashScript } from '../../../src/cli/completion/bash.ts';
import { fishScript } from '../../../src/cli/completion/fish.ts';
import type { CompletionModel } from '../../../src/cli/completion/model.ts';
import { zshScript } from '../../../src/cli/completion/zsh.ts';

const model: CompletionModel = {
  commands: [
    { name: 'context add', summary: "add a context, the person's own", flags: [], args: ['none'] },
    { name: 'context use', summary: 'use a context', flags: [], args: ['context'] },
    {
      name: 'get',
      summary: 'print data',
      flags: [{ words: ['-s', '--stat'], description: 'the stat too', value: undefined }],
      args: ['path'],
    },
    {
      name: 'addWatch',
      summary: 'watch a path',
      flags: [{ words: ['-m', '--mode'], description: 'kind of watch', value: ['PERSISTENT', 'PERSISTENT_RECURSIVE'] }],
      args: ['path'],
    },
  ],
  globals: [
    { words: ['-S', '--server'], description: 'servers', value: 'none' },
    { words: ['-C', '--context'], description: 'context', value: 'context' },
    { words: ['-o', '--output'], description: 'format', value: ['json', 'ndjson', 'text'] },
    { words: ['--tls'], description: 'TLS', value: undefined },
    { words: ['-q', '--quiet'], description: 'quiet', value: undefined },
  ],
  connection: ['-S', '--server', '-C', '--context', '--tls'],
};

/** Stands for `zksh complete`: it knows three znodes and two contexts, and writes down how it was called. */
const STUB = `#!/bin/sh
printf '%s\\n' "$*" > "$ZKSH_STUB_CALL"
case $2 in
  path) printf '%s\\n' /brokers /brok:2181 '/brok x' ;;
  context) printf '%s\\n' prod staging ;;
esac
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zksh-completion-'));
  writeFileSync(join(folder, 'zksh'), STUB, { mode: 0o755 });
  writeFileSync(join(folder, 'bash'), bashScript(model));
  writeFileSync(join(folder, 'zsh'), zshScript(model));
  writeFileSync(join(folder, 'fish'), fishScript(model));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(shell: string, args: string[], input = ''): string {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    ZKSH_STUB_CALL: join(folder, 'call'),
    HOME: folder,
  };
  const { stdout, stderr, status } = spawnSync(shell, args, { env, input, encoding: 'utf8', timeout: 15_000 });
  if (status !== 0) throw new Error(`${shell}: ${stderr}`);
  return stdout;
}

const call = (): string => readFileSync(join(folder, 'call'), 'utf8').trim();

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

function inBash(line: string): string[] {
  const script = `source ${folder}/bash; COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'; COMP_LINE=$1 COMP_POINT=\${#1}; _zksh 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', script, 'bash', line]).split('\n').filter(Boolean).sort();
}

function inFish(line: string): string[] {
  const script = `source ${folder}/fish; complete -C $argv[1]`;
  const lines = run('fish', ['--no-config', '-c', script, line]).split('\n').filter(Boolean);
  return lines.map((one) => one.split('\t')[0] ?? '').sort();
}

/** zsh completes only in a terminal: it runs itself in one, types the line and a Tab, and writes down the line it got. */
function inZsh(line: string): string {
  const result = join(folder, 'buffer');
  rmSync(result, { force: true });
  writeFileSync(
    join(folder, '.zshrc'),
    `autoload -Uz compinit; compinit -u -D; source ${folder}/zsh
     done-typing() { print -r -- "$BUFFER" > ${result}.new; mv ${result}.new ${result} }
     zle -N done-typing; bindkey '^T' done-typing; PS1=RE''ADY`,
  );
  // What the terminal shows has to be read all the while, or zsh stops when the pty is full.
  const script = `zmodload zsh/zpty zsh/zselect
    wait_for() { while ! eval $1; do zpty -r -t z chunk && seen+=$chunk || zselect -t 5; done }
    export ZDOTDIR=$1; zpty z zsh -d -i
    wait_for '[[ $seen == *READY* ]]'
    zpty -w -n z "$2"$'\\t\\x14'
    wait_for '[[ -e $3 ]]'
    zpty -d z; cat $3`.replace('-e $3', `-e ${result}`);
  return run('zsh', ['-f', '-c', script, 'zsh', folder, line, result]).replace(/\n$/, '');
}

/** The same questions for shells that list candidates. */
const QUESTIONS: readonly [line: string, expected: string[]][] = [
  ['zksh ge', ['get']],
  ['zksh context ', ['add', 'use']],
  ['zksh -S zk1:2181 context ', ['add', 'use']],
  ['zksh context use ', ['prod', 'staging']],
  ['zksh get /a -C ', ['prod', 'staging']],
  ['zksh get -o nd', ['ndjson']],
  ['zksh addWatch -m PERSISTENT_', ['PERSISTENT_RECURSIVE']],
  ['zksh get --st', ['--stat']],
];

describe.runIf(has('bash'))('in bash', () => {
  it.each(QUESTIONS)('%j gives %j', (line, expected) => {
    expect(inBash(line)).toEqual(expected);
  });

  it('asks for live paths with the connection of the line, whichever way it was written', () => {
    expect(inBash('zksh -server zk1:2181 --tls get /brok')).toEqual(['/brok:2181', '/brok\\ x', '/brokers']);
    expect(call()).toBe('complete path --server zk1:2181 --tls --timeout 2s -q -o text -- /brok');
  });

  it('cuts what stands before a colon off the candidates, as readline wants it', () => {
    expect(inBash('zksh get /brok:')).toEqual(['2181']);
  });

  it('offers the flags of the command and those of all', () => {
    expect(inBash('zksh get -')).toContain('--stat');
    expect(inBash('zksh get -')).toContain('--server');
    expect(inBash('zksh context use -')).not.toContain('--stat');
  });
});

describe.runIf(has('fish'))('in fish', () => {
  it.each(QUESTIONS)('%j gives %j', (line, expected) => {
    expect(inFish(line)).toEqual(expected);
  });

  it('asks for live paths with the connection of the line', () => {
    expect(inFish('zksh -S zk1:2181 get /brok')).toContain('/brokers');
    expect(call()).toBe('complete path -S zk1:2181 --timeout 2s -q -o text -- /brok');
  });
});

describe.runIf(has('zsh'))('in zsh', () => {
  it.each([
    ['zksh ge', 'zksh get '],
    ['zksh context u', 'zksh context use '],
    ['zksh context use p', 'zksh context use prod '],
    ['zksh get -o nd', 'zksh get -o ndjson '],
    ['zksh -S zk1:2181 get /broke', 'zksh -S zk1:2181 get /brokers'],
    ['zksh get --st', 'zksh get --stat '],
  ])('%j becomes %j', (line, expected) => {
    expect(inZsh(line)).toBe(expected);
  });
});
