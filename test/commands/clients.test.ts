import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ClientsRebalance from '../../commands/clients/rebalance.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { useEnsemble } from '../support/ensembles.ts';
import { jsonShape } from '../support/json-shape.ts';
import { runCommand } from '../support/run-command.ts';
import { sheddingAdmin } from '../support/shedding-admin.ts';

describe('zksh clients rebalance', () => {
  const ensemble = useEnsemble({ servers: 3 });
  const clients: Client[] = [];

  beforeAll(async () => {
    const [first, second] = ensemble().members;
    for (const member of [first, first, first, first, first, first, second])
      clients.push(await connect(`${member?.host}:${member?.clientPort}`));
  }, 60_000);
  afterAll(() => Promise.all(clients.map((client) => client.close())));

  const run = (...argv: string[]) =>
    runCommand(ClientsRebalance, ['-S', ensemble().connectString, ...argv], {
      env: { SUPER: 'super:s3cr3t', WRONG: 'super:wrong' },
    });

  it('shows how real clients are spread, and says plainly that these servers cannot shed, and what helps', async () => {
    const { stdout, code } = await run('--dry-run', '--admin', 'off', '--members', named());
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 +\S+ +\w+ +6 +86% +2\.57 +4lw:cons/);
    expect(stdout).toMatch(/3 +\S+ +\w+ +0 +0% +0 +4lw:cons/);
    expect(stdout).toMatch(/member 1: it cannot shed connections: it runs 3\.\d+\.\d+; servers can from 3\.10 on/);
    expect(stdout).toMatch(/connect strings.*rolling restart --only ID.*load balancer/s);
    const real = await run('--yes', '--admin', 'off', '--members', named(), '-o', 'json');
    expect(real.code).toBe(8);
    const result = JSON.parse(real.stdout);
    expect(result).toMatchObject({ total: 7, ended: 'nobody can shed', steps: [], unable: [{ id: '1' }] });
    expect(result.members.map(({ connections }: { connections: number }) => connections)).toEqual([6, 1, 0]);
    expect(clients.every(({ state }) => state === 'CONNECTED')).toBe(true);
  });

  it('has nothing to do where all are even', async () => {
    const { stdout, code } = await run('--yes', '--admin', 'off', '--members', named(), '--within', '400');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('even') });
  });

  it('sheds step by step where servers can, in the name of who may', async () => {
    const counts = [60, 10, 10];
    const admins = await Promise.all(
      ensemble().members.map(({ id, clientPort }, i) =>
        sheddingAdmin({
          id,
          clientPort,
          clients: () => counts[i] ?? 0,
          secret: 'super:s3cr3t',
          shed: (percent) => {
            const closed = Math.round(((counts[i] ?? 0) * percent) / 100);
            counts[i] = (counts[i] ?? 0) - closed;
            for (let n = 0; n < closed; n += 1)
              counts[(i + 1 + (n % 2)) % 3] = (counts[(i + 1 + (n % 2)) % 3] ?? 0) + 1;
            return closed;
          },
        }),
      ),
    );
    const places = admins.flatMap(({ port }, i) => ['--admin', `${i + 1}=${port}`]);
    const argv = [...places, '--members', named(), '--pause', '10ms', '--percent', '20'];
    const wrong = await run(...argv, '--dry-run', '--auth', 'digest:env:WRONG', '-o', 'json');
    const contract = { 'clients rebalance --dry-run': jsonShape(JSON.parse(wrong.stdout)) };
    expect(JSON.parse(wrong.stdout).unable).toMatchObject([
      { id: '1', reason: expect.stringContaining('does not let us') },
    ]);
    const dry = await run(...argv, '--dry-run', '--auth', 'digest:env:SUPER');
    expect(dry.stdout).toMatch(/first member 1 closes about 12 connections \(20%\)/);
    expect(counts).toEqual([60, 10, 10]);
    const { stdout, stderr, code } = await run(...argv, '--yes', '--auth', 'digest:env:SUPER', '-o', 'json');
    expect(code).toBe(0);
    const { steps, ended, ratio } = JSON.parse(stdout);
    expect({ ended, enough: ratio <= 1.2 }).toEqual({ ended: 'even', enough: true });
    expect(stderr).toMatch(/member 1 closed 12 connections: 2\.25 → /);
    expect(counts.reduce((a, b) => a + b)).toBe(80);
    // Nothing but what was said: the probe sheds none, and no member with few was asked.
    expect(admins.slice(1).flatMap(({ posted }) => posted)).toEqual([]);
    const sent = admins[0]?.posted.slice(-steps.length) ?? [];
    expect(sent.map(({ body }) => body)).toEqual(
      steps.map(({ percent }: { percent: number }) => ({ percentage: percent })),
    );
    expect(sent[0]).toMatchObject({ method: 'POST', authorization: 'digest super:s3cr3t' });
    expect(stdout + stderr).not.toContain('s3cr3t');
    // Change it on purpose, with vitest -u.
    const whole = { ...contract, 'clients rebalance': jsonShape(JSON.parse(stdout)) };
    await expect(`${JSON.stringify(whole, null, 2)}\n`).toMatchFileSnapshot('clients-commands.json');
  });

  function named(): string {
    return ensemble()
      .members.map(({ id, host, clientPort }) => `${id}=${host}:${clientPort}`)
      .join();
  }
});
