import { describe, expect, it } from 'vitest';
import { parseDf, parseMeminfo } from '../../src/hosts/posix-facts.ts';
import { parseLs } from '../../src/hosts/posix-files.ts';

describe('what ls -ld says', () => {
  it.each([
    [
      '-rw-r--r-- 1 zookeeper zookeeper 1234 Jan  1 00:00 /a b',
      { kind: 'file', mode: 0o644, size: 1234, owner: 'zookeeper' },
    ],
    [
      'drwxr-x---    3 101      102           4096 Jan  1 00:00 /data',
      { kind: 'directory', mode: 0o750, owner: '101', group: '102' },
    ],
    // An ACL, and SELinux.
    ['-rw-rw-r--+ 1 root root 0 Jan  1 00:00 /a', { mode: 0o664 }],
    ['drwx------. 2 root root 6 Jan  1 00:00 /a', { mode: 0o700 }],
    ['-rwsr-Sr-t 1 root root 6 Jan  1 00:00 /a', { mode: 0o7745 }],
    ['crw-rw-rw- 1 root root 1, 3 Jan  1 00:00 /dev/null', { kind: 'other', size: 0, mode: 0o666 }],
  ])('of %s', (line, expected) => {
    expect(parseLs(line)).toMatchObject(expected);
  });

  it.each(['', 'total 0', 'ls: cannot access', '-rw-r--r-- root root 5'])('is not believed: %j', (line) => {
    expect(parseLs(line)).toBeUndefined();
  });
});

describe('what df -P -k says', () => {
  const head = 'Filesystem     1024-blocks    Used Available Capacity Mounted on\n';

  it.each([
    ['/dev/sda1 1000 400 600 40% /', { device: '/dev/sda1', mount: '/', free: 600 * 1024, size: 1000 * 1024 }],
    ['host:/a b 1000 400 600 40% /mnt/c d', { device: 'host:/a b', mount: '/mnt/c d' }],
    ['tmpfs 1000 400 600 40% /run', { device: 'tmpfs at /run' }],
    // Over the share that root keeps for itself.
    ['/dev/sda1 1000 1000 -50 105% /', { free: 0 }],
    ['proc 0 0 0 - /proc', { size: 0 }],
  ])('of %s', (line, expected) => {
    expect(parseDf(`${head}${line}\n`)).toMatchObject(expected);
  });

  it.each(['', head, 'df: /x: No such file or directory'])('is not believed: %j', (text) => {
    expect(parseDf(text)).toBeUndefined();
  });
});

describe('the free memory of Linux', () => {
  it('is what a new process could have, where the kernel tells', () => {
    expect(parseMeminfo('MemTotal: 9 kB\nMemFree:   10 kB\nMemAvailable:   20 kB\n')).toBe(20 * 1024);
    expect(parseMeminfo('MemTotal: 9 kB\nMemFree:   10 kB\n')).toBe(10 * 1024);
    expect(parseMeminfo('')).toBeUndefined();
  });
});
