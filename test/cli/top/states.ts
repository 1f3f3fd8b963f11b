import { newTop, sampled, type TopState } from '../../../src/cli/top/state.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { createStyle, type Style } from '../../../src/output/style.ts';
import { observed, silent, statusOf } from '../../ensemble/sampling/members.ts';

/** 2026-01-02T03:04:05Z. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Colours as tags, so that a test can read them. */
export function style(cols: number): Style {
  return createStyle({ tty: true, width: cols, now: NOW, paint: (role, text) => `<${role}>${text}</>` });
}

/** A member of 3.9 that was sent so many requests, and tells connections. */
export function busy(id: number, received: number, cons: readonly string[] = []): MemberObservation {
  const member = observed(id, {
    release: '3.9.5',
    by: 'words',
    edit: (text) =>
      text
        .replace(/^zk_packets_received\t\d+/m, `zk_packets_received\t${received}`)
        .replace(/^zk_packets_sent\t\d+/m, `zk_packets_sent\t${received * 2}`)
        .replace(/^(zk_uptime\t)\d+/m, (_, head) => `${head}${10_000 + received}`)
        .replace(/^(Mode: |zk_server_state\t)leader/gm, `$1${id === 1 ? 'leader' : 'follower'}`),
  });
  return { ...member, further: { words: new Map([['cons', cons.join('\n')]]), admin: new Map(), missing: [] } };
}

/** One line of `cons`. */
export function connection(address: string, sid: number, received = 10): string {
  return ` /${address}[1](queued=0,recved=${received},sent=${received},sid=0x${sid.toString(16)},lop=PING,est=1000,to=30000,lzxid=0x1,minlat=0,avglat=1,maxlat=9)`;
}

/** What is shown after looks a second apart. */
export function looked(looks: readonly MemberObservation[][], more: Partial<TopState> = {}): TopState {
  const begun = { ...newTop({ name: 'prod', now: NOW, interval: 1000, sort: 'member' }), ...more };
  return looks.reduce<TopState>(
    (state, members, i) => sampled(state, { at: NOW + 1000 * i, status: statusOf(...members) }),
    begun,
  );
}

/** Three members, the third of which died between two looks; two clients. */
export function shown(more: Partial<TopState> = {}): TopState {
  const clients = (received: number) => [
    connection('10.0.0.1:5000', 7, received),
    connection('10.0.0.2:6000', 8, 2 * received),
  ];
  return looked(
    [
      [busy(1, 1000, clients(100)), busy(2, 500), busy(3, 10)],
      [busy(1, 2000, clients(200)), busy(2, 1500), silent(3)],
    ],
    more,
  );
}
