import { describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/cli/report/page.ts';
import { silent } from '../../ensemble/sampling/members.ts';
import { healthOf } from '../../support/health-views.ts';
import { busy } from '../top/states.ts';
import { reportOf, usual } from './reports.ts';

/** What a person reads of a part of the page. */
function textOf(page: string, id: string): string {
  const part = page.split('<section').find((section) => section.startsWith(` id="${id}"`)) ?? '';
  return part
    .replaceAll(/<[^>]*>/g, ' ')
    .replace(/^[^>]*>/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the page of a report', () => {
  it('says which ensemble, when, how it is, and what made it', () => {
    const page = reportPage(usual());
    expect(page).toContain('<h1>ZooKeeper ensemble prod</h1>');
    expect(page).toContain('2026-01-02 03:04:05 UTC, over 30s');
    expect(page).toContain('2 of 3 voters serve, none more may fail: the loss of 1 or 2 ends the quorum');
    expect(page).toContain('<code>zksh report --window 30s --interval 2s</code> (zksh 0.1.0)');
  });

  it('has the members as they are at the end', () => {
    const text = textOf(reportPage(usual()), 'members');
    expect(text).toMatch(/1 zk1:2181 leader 3\.9\.5 0x100000003 0 2 0 11\/39\/39 7 2\.3 KiB 17s/);
    expect(text).toMatch(/3 zk3:2181 unreachable connection refused/);
  });

  it('has what was found, the worst first, and what was not judged', () => {
    const text = textOf(reportPage(usual()), 'findings');
    expect(text).toMatch(
      /^Findings unhealthy 1 critical, 2 warnings, 1 advice; \d+ checks passed critical the loss of 1 or 2 ends the quorum tolerance-zero Seen 2 of 3 voters serve; not 3 Why it matters .* warning .* advice /,
    );
    expect(text).toMatch(/Not judged What Why not .*snapshot-old at 2 no AdminServer tells its last snapshot/);
  });

  it('says so when nothing was found', () => {
    const calm = reportPage(usual({ health: { verdict: 'healthy', findings: [], notJudged: [], passed: [] } }));
    expect(textOf(calm, 'findings')).toBe('Findings healthy 0 checks passed Nothing is wrong in what could be judged.');
  });

  it('has what happened meanwhile', () => {
    expect(textOf(reportPage(usual()), 'happenings')).toContain(
      '03:04:21Z member 3 is unreachable, no longer follower',
    );
    const elected = reportOf([
      [busy(1, 10), busy(2, 10)],
      [silent(1), { ...busy(1, 10), ...{ member: busy(2, 10).member, address: busy(2, 10).address } }],
    ]);
    expect(elected.happenings.map(({ what }) => what)).toEqual([
      'member 2 leads, no longer 1',
      'member 1 is unreachable, no longer leader',
      'member 2 is leader, no longer follower',
    ]);
    expect(reportPage(reportOf([[busy(1, 10)], [busy(1, 20)]]))).not.toContain('id="happenings"');
  });

  it('has a chart of each metric that somebody told, and names the others', () => {
    const page = reportPage(usual());
    for (const title of [
      'Requests',
      'Transactions',
      'Latency',
      'Outstanding requests',
      'Connections',
      'Lag',
      'Znodes',
      'Data',
      'Watches',
    ]) {
      expect(page).toContain(`aria-label="${title}, `);
    }
    expect(page.match(/<polyline class="line s0"/g)?.length).toBeGreaterThanOrEqual(8);
    expect(page).toContain('Requests (packets/s in), 03:04:07Z\n1: ');
    const dead = reportPage(reportOf([[silent(1)], [silent(1)]]));
    expect(dead).not.toContain('<svg class="chart"');
    expect(dead).toContain('Told by nobody: requests, transactions, latency');
  });

  it('has the membership, and who told what', () => {
    const page = reportPage(usual());
    expect(textOf(page, 'membership')).toMatch(
      /^Membership version 0x100000003 .* 1 participant zk1:2888:3888 zk1:2181/,
    );
    expect(textOf(page, 'sources')).toMatch(/1 4lw:mntr, 4lw:srvr nothing .* 3 nobody 4lw : connection refused/);
  });

  it('lets nothing of a server be HTML', () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m&amp;';
    const one = busy(1, 10);
    const odd = { ...one, address: { host: evil, port: 1 }, missing: [{ source: evil, reason: evil }] };
    const facts = { ...one.facts, version: { value: evil, source: '4lw:srvr' as const } };
    const [found, ...others] = healthOf([{ role: 'unreachable' }]).findings;
    const finding = { ...found!, message: evil, evidence: evil, todo: evil };
    const notJudged = [{ check: { ...found!.check, code: evil }, members: [], reason: evil }];
    const health = { verdict: 'unhealthy' as const, findings: [finding, ...others], notJudged, passed: [] };
    const page = reportPage(
      reportOf([[odd], [{ ...odd, facts }]], {
        name: evil,
        command: evil,
        health,
      }),
    );
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>[^&]/i);
    expect(page).not.toMatch(/[\u202e\x1b]/);
    expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&amp;amp;');
  });

  it('names nothing outside of itself, and forbids it besides', () => {
    const page = reportPage(usual());
    expect(page).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[^&]+&#39;; base-uri/,
    );
    expect(page).not.toMatch(/\b(src|href|style|on\w+)=|url\(|@import|<script/);
  });
});
