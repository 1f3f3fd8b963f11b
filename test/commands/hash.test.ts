import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import Hash from '../../commands/hash.ts';
import { connect } from '../../src/client/connect.ts';
import { kill, start, stop } from '../../src/local/control.ts';
import type { LocalMember } from '../../src/local/ensemble.ts';
import { ephemeralEnsemble, sharedRelease, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

interface Compared {
  code: number;
  verdict: string;
  newest?: string;
  compared: { zxid: string; same: boolean; digests: { id?: string; host: string; digest: string }[] }[];
  members: { id?: string; host: string; role: string; digests: number; reason?: string; mismatches?: number }[];
}

/** AdminServers of an ensemble whose members share one host, each at its own port. */
function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

async function hash(ensemble: TestEnsemble, ...argv: string[]): Promise<Compared> {
  const where = argv.includes('--admin') ? [] : admins(ensemble);
  const line = ['-S', ensemble.connectString, ...where, '-o', 'json', ...argv];
  const { code, stdout, stderr } = await runCommand(Hash, line);
  if (stdout === '') throw new Error(`${code}: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Compared, 'code'>) };
}

async function followerOf(ensemble: TestEnsemble): Promise<LocalMember> {
  const { members } = await hash(ensemble);
  const { id } = members.find(({ role }) => role === 'follower')!;
  return ensemble.members.find((member) => `${member.id}` === id)!;
}

/** Writes of one session; more than 128 make a digest. @returns the last zxid, that of the end of the session left out */
async function write(ensemble: TestEnsemble, path: string, data: string, times: number): Promise<bigint> {
  const client = await connect(ensemble.connectString);
  if ((await client.exists(path)) === undefined) await client.create(path, '');
  for (let i = 0; i < times; i++) await client.setData(path, `${data} ${i}`);
  const zxid = client.lastZxid;
  await client.close();
  return zxid;
}

describe('hash', () => {
  const three = useEnsemble({ servers: 3 });

  it('says that nothing could be compared as long as no digest was kept', async () => {
    const none = await hash(three());
    expect(none).toMatchObject({ code: 8, verdict: 'nothing compared', compared: [] });
    expect(none.members.map(({ reason }) => reason)).toEqual(Array(3).fill(expect.stringMatching('no digest yet')));
    const argv = ['-S', three().connectString, ...admins(three())];
    const { stdout } = await runCommand(Hash, argv, { tty: true });
    expect(stdout).toMatch(/^nothing could be compared: no zxid is known to two members$/m);
    const piped = await runCommand(Hash, argv);
    expect(piped.stdout).toBe('');
    expect(piped.stderr).toMatch(/^(\d was not compared: it has kept no digest yet.*\n){3}$/);
  });

  it('finds the members the same, at zxids that 128 divides', async () => {
    await write(three(), '/hash', 'the same', 300);
    const found = await hash(three(), '--wait-common', '30s');
    expect(found).toMatchObject({ code: 0, verdict: 'same' });
    expect(found.compared.length).toBeGreaterThanOrEqual(2);
    expect(found.newest).toBe(found.compared.findLast(({ digests }) => digests.length === 3)?.zxid);
    for (const { zxid, same, digests } of found.compared) {
      expect({ rest: BigInt(zxid) % 128n, same }).toEqual({ rest: 0n, same: true });
      expect(digests.every(({ digest }) => digest === digests[0]?.digest && digest !== '0')).toBe(true);
    }
    expect(found.members.map(({ reason, mismatches }) => ({ reason, mismatches }))).toEqual(
      Array(3).fill({ reason: undefined, mismatches: 0 }),
    );
  });

  it('is a sentence below the members on a terminal, and a line for each zxid in a pipe', async () => {
    const argv = ['-S', three().connectString, ...admins(three())];
    const { stdout, code } = await runCommand(Hash, argv, { tty: true, columns: 100 });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID +HOST +ROLE +DIGESTS +OLDEST ZXID +NEWEST ZXID$/m);
    expect(stdout).toMatch(/\n1, 2 and 3 have the same data at \d+ zxids, the newest 0x[0-9a-f]+\n$/);
    const piped = await runCommand(Hash, argv);
    expect(piped.stdout).toMatch(/^(0x[0-9a-f]+\tsame\t1=0x[0-9a-f]+ 2=0x[0-9a-f]+ 3=0x[0-9a-f]+\n)+$/);
  });

  it('has, as JSON, the fields that its help names', async () => {
    const found: object = { ...(await hash(three(), '--wait-common', '30s')), code: undefined };
    const silent = await hash(three(), '--admin', 'off');
    const [, top = '', digest = '', member = ''] =
      /JSON: \{(verdict, newest), compared: \[\{zxid, same, digests: \[\{(.*?)\}\]\}\], members: \[\{(.*?)\}\],\s+took\}/s.exec(
        Hash.description,
      ) ?? [];
    const { compared, members } = found as Compared;
    const keys = (of: readonly object[]) => [...new Set(of.flatMap((one) => Object.keys(one)))].sort();
    const listed = (text: string) => text.split(/,\s+/).sort();
    expect(keys([found])).toEqual([...listed(top), 'code', 'compared', 'members', 'took'].sort());
    expect(keys(compared)).toEqual(['digests', 'same', 'zxid']);
    expect(keys(compared.flatMap(({ digests }) => digests))).toEqual(listed(digest));
    expect(keys([...members, ...silent.members])).toEqual(listed(member));
  });

  it('is incomplete where an AdminServer is not found, and whole without that member', async () => {
    // The loss of a leader would be an election, and nobody serves meanwhile.
    const dark = await followerOf(three());
    const others = three().members.filter((member) => member !== dark);
    const some = others.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
    const found = await hash(three(), ...some);
    expect(found).toMatchObject({ code: 8, verdict: 'incomplete' });
    const told = ({ members }: Compared) => members.find(({ id }) => id === `${dark.id}`);
    expect(told(found)).toMatchObject({ digests: 0, reason: expect.stringMatching('AdminServer was not found') });
    const named = others.flatMap(({ id }) => ['--member', `${id}`]);
    expect(await hash(three(), ...some, ...named)).toMatchObject({ code: 0, verdict: 'same' });
    await kill(three(), dark.id);
    const dead = await hash(three(), '--wait', '2s');
    expect(dead).toMatchObject({ code: 8, verdict: 'incomplete', newest: expect.any(String) });
    expect(told(dead)).toMatchObject({ role: 'unreachable', reason: expect.stringMatching('connection refused') });
    const argv = ['-S', three().connectString, '--wait', '2s', ...admins(three())];
    const { stdout } = await runCommand(Hash, argv, { tty: true });
    expect(stdout).toMatch(
      new RegExp(
        `\\d and \\d have the same data .*\\nthat is not all members:\\n${dark.id} was not compared: it is unreachable`,
      ),
    );
    await start(three(), dark.id);
  });
});

describe('hash of servers that keep no digests', () => {
  it('of 3.5 names the release', async () => {
    const found = await hash(await sharedRelease('3.5.10'));
    expect(found).toMatchObject({ code: 8, verdict: 'nothing compared' });
    expect(found.members[0]?.reason).toBe('ZooKeeper 3.5.10 keeps no digests, they came with 3.6.0');
  });

  it('with digests off says so', async () => {
    const off = await ephemeralEnsemble({ servers: 1, systemProperties: { 'zookeeper.digest.enabled': 'false' } });
    await write(off, '/hash', 'anything', 150);
    const { members } = await hash(off);
    expect(members[0]).toMatchObject({
      digests: 0,
      reason: expect.stringContaining('zookeeper.digest.enabled is false'),
    });
  });
});

/** A follower that starts from the files of a member of another ensemble, whose zxids are ours and whose data are not. */
async function diverge(ours: TestEnsemble, theirs: TestEnsemble): Promise<number> {
  const lent = await write(theirs, '/hash', 'theirs', 40);
  const last = await write(ours, '/hash', 'ours', 60);
  expect(lent >> 32n).toBe(last >> 32n);
  expect(lent < last).toBe(true);
  const victim = await followerOf(ours);
  const [lender] = theirs.members;
  await stop(ours, victim.id);
  for (const { id } of theirs.members) await stop(theirs, id);
  const [from, to] = [lender!, victim].map(({ dir }) => join(dir, 'data', 'version-2'));
  await rm(to!, { recursive: true });
  await cp(from!, to!, { recursive: true });
  await start(ours, victim.id);
  return victim.id;
}

describe('hash of members whose data differ', () => {
  it.each([undefined, '3.9.4'])('shows who has other data (version %s)', async (version) => {
    const ours = await ephemeralEnsemble({ servers: 3, version });
    const id = await diverge(ours, await ephemeralEnsemble({ servers: 2, version }));
    await write(ours, '/later', 'after', 300);
    await expect.poll(async () => (await hash(ours)).compared.length, { timeout: 30_000 }).toBeGreaterThan(1);
    const found = await hash(ours);
    expect(found).toMatchObject({ code: 8, verdict: 'different' });
    const { digests, same } = found.compared.findLast((one) => one.digests.length === 3)!;
    const other = digests.find((one) => one.id === `${id}`)!;
    expect(same).toBe(false);
    const rest = digests.filter((one) => one !== other);
    expect(rest[0]?.digest).toBe(rest[1]?.digest);
    expect(other.digest).not.toBe(rest[0]?.digest);
    expect(found.members.find((one) => one.id === `${id}`)?.mismatches).toBeGreaterThan(0);
    const { stdout } = await runCommand(Hash, ['-S', ours.connectString, ...admins(ours)], { tty: true, columns: 120 });
    expect(stdout).toMatch(/^the data differ at \d+ of the \d+ zxids compared$/m);
    expect(stdout).toMatch(new RegExp(`^0x[0-9a-f]+  .*\\b${id}: 0x[0-9a-f]+`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${id} has itself found its data other than the leader's, \\d+ times`, 'm'));
  });
});
