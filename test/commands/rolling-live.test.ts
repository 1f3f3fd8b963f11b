import { describe, expect, it } from 'vitest';
import { openTerminal } from '../shell/terminal.ts';
import { useHome } from '../support/local-home.ts';

describe('a change on a terminal', { timeout: 120_000 }, () => {
  const home = useHome('live');

  it('is a list that stands in its place: what is done, what is waited for, what comes', async () => {
    const { shows, press, all } = await openTerminal(
      ['rolling', 'restart', '--yes', '--no-canary', '--stability', '300ms'],
      home().env,
    );
    await shows(/◼ restart member \d/, 30_000);
    await shows(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] restart member \d a follower: the quorum goes on without it/, 30_000);
    await press('C-c');
    await shows('stopping when this step is done; once more to stop at once', 30_000);
    await shows(/stopped between two steps: interrupted; [12] of 3 steps are done/, 30_000);
    expect(await all()).toMatch(/(?:✔ restart member \d \S+, proven by 7 gates\n)+(?:↓ restart member \d\n)+/);

    const resumed = await openTerminal(
      ['rolling', 'resume', '--yes', '--no-canary', '--stability', '300ms'],
      home().env,
    );
    await resumed.shows('done rolling restart of live: 3 steps', 60_000);
    const rows = await resumed.all();
    expect(rows).toMatch(/(?:✔ restart member \d done before\n)+(?:✔ restart member \d \S+, proven by 7 gates\n)+done/);
    expect(rows).not.toMatch(/◼|waiting/);
    expect(await resumed.exitCode()).toBe(0);
  });
});
