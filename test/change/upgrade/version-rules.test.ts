import { describe, expect, it } from 'vitest';
import { wholeRelease } from '../../../src/change/upgrade/plan-upgrade.ts';
import { rulesFor, VERSION_RULES, type VersionStep } from '../../../src/change/upgrade/version-rules.ts';

function found(from: string, to: string, over: Partial<VersionStep> & { cfg?: Record<string, string> } = {}): string[] {
  const { cfg = {}, ...rest } = over;
  const step = { snapshot: true, manyAddresses: false, setting: (key: string) => cfg[key], ...rest };
  return rulesFor({ from: wholeRelease(from), to: wholeRelease(to), ...step }).map(({ id }) => id);
}

const refused = (...args: Parameters<typeof found>): string[] =>
  found(...args).filter((id) => VERSION_RULES.find((rule) => rule.id === id)?.verdict === 'refused');

describe('what is known of a change of the release', () => {
  it('lets one minor release be gone at a time, and none back', () => {
    expect(refused('3.8.0', '3.9.5')).toEqual([]);
    expect(refused('3.9.4', '3.9.5')).toEqual([]);
    expect(refused('3.7.2', '3.9.5')).toEqual(['one-minor']);
    expect(refused('3.9.5', '3.8.6')).toEqual(['not-back']);
    expect(refused('3.9.5', '3.9.4')).toEqual(['not-back']);
    expect(refused('3.9.5', '4.0.0')).toEqual(['one-minor']);
  });

  it('goes to 3.5 from 3.4.6 on, since what is before does not know its election connections', () => {
    expect(refused('3.4.5', '3.5.10')).toEqual(['election-protocol']);
    expect(refused('3.4.6', '3.5.10')).toEqual([]);
    expect(refused('3.4.5', '3.4.14')).toEqual([]);
  });

  it('wants a snapshot where the new release does not start without, or that it is trusted', () => {
    const without = { snapshot: false };
    expect(refused('3.4.14', '3.5.10', without)).toEqual(['snapshot-not-trusted']);
    expect(refused('3.5.2', '3.5.5', without)).toEqual(['snapshot-missing']);
    const trusted = { ...without, cfg: { 'snapshot.trust.empty': 'true' } };
    expect(refused('3.4.14', '3.5.10', trusted)).toEqual([]);
    expect(found('3.4.14', '3.5.10', trusted)).toContain('snapshot-trusted');
    // 3.5.5 cannot be told to.
    expect(refused('3.4.14', '3.5.5', trusted)).toEqual(['snapshot-missing']);
    // From 3.5.3 on it has been so all the time.
    expect(refused('3.5.3', '3.5.10', without)).toEqual([]);
    expect(refused('3.4.14', '3.5.10', { snapshot: undefined })).toEqual([]);
  });

  it('does not take the protocol of several addresses over the border of 3.6', () => {
    const many = { cfg: { 'multiAddress.enabled': 'true' } };
    expect(refused('3.5.10', '3.6.4', many)).toEqual(['multi-address']);
    expect(refused('3.5.10', '3.6.4', { manyAddresses: true })).toEqual(['multi-address']);
    expect(refused('3.6.4', '3.7.2', many)).toEqual([]);
  });

  it('says from where on it cannot be taken back', () => {
    expect(found('3.4.14', '3.5.10')).toContain('transactions-of-3.5');
    expect(found('3.5.3', '3.5.10')).toContain('ttl-of-3.5.3');
    expect(found('3.5.10', '3.6.4', { cfg: { 'snapshot.compression.method': 'snappy' } })).toContain(
      'compressed-snapshots',
    );
    expect(found('3.8.0', '3.9.5')).toEqual([]);
    expect(found('3.7.2', '3.8.0')).toEqual(['logback']);
  });

  it('has a reason and a source for each, and for what it refuses what to do instead', () => {
    for (const { id, says, source, verdict, instead } of VERSION_RULES) {
      expect({ id, told: says.length > 40 && source !== '' }).toEqual({ id, told: true });
      expect({ id, instead: instead !== undefined }).toEqual({ id, instead: verdict === 'refused' });
    }
    expect(new Set(VERSION_RULES.map(({ id }) => id)).size).toBe(VERSION_RULES.length);
  });
});
