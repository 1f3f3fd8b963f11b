import { describe, expect, it } from 'vitest';
import { globalFlags } from '../../src/cli/global-flags.ts';
import { SWITCHES, zkcliArgv } from '../../src/cli/zkcli-argv.ts';
import { normalizeZkCliFlags } from '../../src/cli/zkcli-flags.ts';

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

describe("zkCli.sh's launcher grammar", () => {
  it.each([
    ['-server zk1:2181 get /a', 'get /a --server zk1:2181'],
    ['-server zk1:2181,zk2:2181/app ls -R /', 'ls -R / --server zk1:2181,zk2:2181/app'],
    ['-timeout 5000 -r -server h:1 stat /a', 'stat /a --session-timeout 5000 --read-only --server h:1'],
    ['-waitforconnection -server h:1 sync /a', 'sync /a --server h:1'],
    ['-client-configuration c.properties get /a', 'get /a --client-configuration c.properties'],
    ['-server h:1', 'shell --server h:1'],
    ['', 'shell'],
  ])('%s means %s', (typed, meant) => {
    expect(zkcliArgv(words(typed))).toEqual(words(meant));
  });
});

describe('global flags before the command', () => {
  it.each([
    ['-S h:1 get /a', 'get /a -S h:1'],
    ['-o json -C prod ls /', 'ls / -o json -C prod'],
    ['--output=json -q ls /', 'ls / --output=json -q'],
    ['-ojson ls /', 'ls / -ojson'],
    ['--tls --ca ca.pem member add', 'member add --tls --ca ca.pem'],
    ['-y deleteall /a -- -x', 'deleteall /a -y -- -x'],
    ['-S h:1 -- get /a', 'get /a -S h:1'],
    ['-S h:1 -f script', 'shell -S h:1 -f script'],
    ['--keep-going -S h:1', 'shell --keep-going -S h:1'],
    ['--help get', '--help get'],
    ['-S h:1 --version', '--version'],
  ])('%s means %s', (typed, meant) => {
    expect(zkcliArgv(words(typed))).toEqual(words(meant));
  });

  it('leaves alone what comes after the command', () => {
    expect(zkcliArgv(['set', '-server', '-timeout'])).toEqual(['set', '-server', '-timeout']);
  });

  it.each([
    ['-server', '-server needs a value'],
    ['--ca', '--ca needs a value'],
    ['-foo get /a', 'unknown option -foo'],
    ['-x', 'unknown option -x'],
  ])('%s is refused: %s', (typed, message) => {
    expect(() => zkcliArgv(words(typed))).toThrow(message);
  });

  it('knows of each global flag whether it takes a value', () => {
    const switches = Object.entries(globalFlags).filter(([, flag]) => flag.type === 'boolean');
    const shellOnly = ['--keep-going'];
    expect(SWITCHES.filter((flag) => !shellOnly.includes(flag)).sort()).toEqual(
      switches.map(([name]) => `--${name}`).sort(),
    );
  });
});

describe("options that zkCli's commands take with one dash", () => {
  it.each([
    ['-file f.cfg', '--file f.cfg'],
    ['-members=a,b -s', '--members=a,b -s'],
    ['-v 5 -add x', '-v 5 --add x'],
    ['-- -file', '-- -file'],
    ['-filex /a', '-filex /a'],
    ['--file x', '--file x'],
  ])('%s is read as %s', (typed, meant) => {
    expect(normalizeZkCliFlags(words(typed), ['file', 'members', 'add', 'remove'])).toEqual(words(meant));
  });
});
