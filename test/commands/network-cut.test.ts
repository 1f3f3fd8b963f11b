import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesIn, journalNames, newJournal } from '../support/journal-lines.ts';
import { type Distant, overSsh } from '../support/ssh-ensemble.ts';
import { canHaveSshHosts } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import { NO_HARM, Workload } from '../support/workload.ts';

/** Makes a change that something befalls as soon as its journal has the beginning of a deed. Returns how zksh ended. */
async function befallen(
  { start, journals }: Distant,
  deed: string | undefined,
  what: () => Promise<void>,
  argv: string[],
) {
  const known = await journalNames(journals);
  const { ended } = start(...argv, '--yes', '--recover', '8s');
  const begun = async (): Promise<boolean> =>
    entriesIn(await newJournal(journals, known)).some(
      ({ type, step }) => type === 'act' && (deed === undefined || step === deed),
    );
  await until('the deed', begun, 60_000);
  await what();
  return ended;
}

describe.skipIf(!canHaveSshHosts)('an ensemble on machines of its own, with a network that fails', () => {
  it('takes in no server that the others cannot reach, stops where a link is cut, and goes on when it is healed', {
    timeout: 480_000,
  }, async () => {
    const distant = await overSsh(4, [1, 2, 3]);
    const { ensemble, run, voters, leader, network, host } = distant;
    const clients = await Workload.start(ensemble.connectStringOf([1, 2, 3]));

    // A firewall before the election port: the server would follow, and be missed in the next election.
    await network.block(host(4), 3888);
    const walled = await run('member', 'add', '4', '--yes');
    expect(walled.code).toBe(8);
    expect(walled.stderr).toMatch(
      new RegExp(`member 4 cannot join .*${host(4).address}:3888 is not reachable as member \\d sees it`),
    );
    await network.unblock(host(4), 3888);

    // A line with an address that nobody has.
    const nobody = host(4).address.replace(/\d+$/, '99');
    const wrong = join(network.directory, 'wrong.yaml');
    const file = JSON.parse(await readFile(ensemble.file, 'utf8'));
    const [fourth] = file.members.slice(3);
    fourth.server = fourth.server.replaceAll(host(4).address, nobody);
    fourth.host = { ssh: { ...network.ssh, host: host(4).address } };
    await writeFile(wrong, JSON.stringify(file));
    const lost = await run('member', 'add', '4', '--yes', '--ensemble', wrong);
    expect(lost.code).toBe(8);
    expect(lost.stderr).toMatch(
      new RegExp(`member 4 cannot join .*${nobody}:3888 is not reachable as member \\d sees it`),
    );
    expect(await ensemble.pid(4)).toBeUndefined();
    expect(await voters()).toEqual([1, 2, 3]);

    // One way: the leader's words do not reach the member that comes back, and it cannot follow.
    const first = await leader();
    const follower = first === 1 ? 2 : 1;
    const only = ['rolling', 'restart', '--only', `${follower},${first}`];
    const cut = () => network.cut(host(first), host(follower));
    const deaf = await befallen(distant, `restart-${follower}`, cut, only);
    expect(deaf.code).toBe(8);
    expect(deaf.stderr).toMatch(
      new RegExp(
        `stopped at restart member ${follower}: .*member-serves: member ${follower} is not serving.*0 of 2 steps`,
      ),
    );
    await network.heal(host(first), host(follower));
    const healed = await run('rolling', 'resume', '--recover', '60s', '--yes');
    expect({ code: healed.code, stderr: healed.code === 0 ? '' : healed.stderr }).toEqual({ code: 0, stderr: '' });

    // Both ways: the new server and the leader do not hear of each other.
    const second = await leader();
    const apart = async (what: 'cut' | 'heal'): Promise<void> => {
      await network[what](host(second), host(4));
      await network[what](host(4), host(second));
    };
    const alone = await befallen(distant, 'start-4', () => apart('cut'), ['member', 'add', '4']);
    expect(alone.code).toBe(8);
    expect(alone.stderr).toMatch(
      /stopped at start member 4, and let it catch up: .*member-serves: member 4 is .*1 of 3 steps/,
    );
    expect(await voters()).toEqual([1, 2, 3]);
    await apart('heal');
    const joined = await run('rolling', 'resume', '--recover', '60s', '--yes');
    expect({ code: joined.code, stderr: joined.code === 0 ? '' : joined.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await voters()).toEqual([1, 2, 3, 4]);
    expect(await clients.end()).toEqual(NO_HARM);
  });
});
