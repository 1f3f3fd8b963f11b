import { describe, expect, it } from 'vitest';
import { parseConnections, parseCons } from '../../../src/ensemble/sessions/connections.ts';
import { parseAdminDump, parseDump } from '../../../src/ensemble/sessions/dump.ts';
import {
  parseWatchesByPath,
  parseWatchesBySession,
  parseWatchTotals,
  pathsOfAdmin,
  sessionsOfAdmin,
  totalsOfAdmin,
} from '../../../src/ensemble/sessions/watches.ts';
import { adminFields, RELEASES, recordedAnswers } from '../../support/recorded-answers.ts';

describe.each(RELEASES)('the lists of a leader of %s', (release) => {
  const { leader, notServing } = recordedAnswers(release);
  const words = leader.words as Record<'cons' | 'dump' | 'wchs' | 'wchc' | 'wchp', string>;
  const [connection] = parseCons(words.cons);

  it('has one session in cons, and not the connection that asks', () => {
    expect(parseCons(words.cons)).toEqual([
      {
        sessionId: expect.any(BigInt),
        client: { host: '127.0.0.1', port: expect.any(Number) },
        queued: 0,
        received: 5,
        sent: 5,
        lastOperation: 'EXIS',
        established: expect.any(Number),
        timeout: 60_000,
        lastZxid: 0x1_0000_0003n,
        latencyMin: 0,
        latencyAvg: expect.any(Number),
        latencyMax: expect.any(Number),
      },
    ]);
  });

  it('has the same in the words and in the AdminServer', () => {
    const id = connection!.sessionId;
    const fields = (command: string) => adminFields(leader, command);
    expect(parseDump(words.dump)).toEqual({
      sessions: new Map([[id, { kind: 'global', timeout: undefined }]]),
      ephemerals: new Map([[id, ['/app/lock']]]),
    });
    expect(parseWatchTotals(words.wchs)).toEqual({ connections: 1, paths: 2, watches: 2 });
    expect(parseWatchesBySession(words.wchc)).toEqual(new Map([[id, ['/app', '/app/missing']]]));
    expect([...parseWatchesByPath(words.wchp)].sort()).toEqual([
      ['/app', [id]],
      ['/app/missing', [id]],
    ]);
    if (release === '3.4.14') return;
    expect(parseConnections(fields('connections')!)).toEqual([
      { ...connection, latencyAvg: expect.any(Number), latencyMax: expect.any(Number) },
    ]);
    expect(parseAdminDump(fields('dump')!, true)).toEqual({
      sessions: new Map([[id, { kind: undefined, timeout: undefined }]]),
      ephemerals: new Map([[id, ['/app/lock']]]),
    });
    expect(totalsOfAdmin(fields('watch_summary')!)).toEqual({ connections: 1, paths: 2, watches: 2 });
    expect(sessionsOfAdmin(fields('watches')!)).toEqual(new Map([[id, ['/app', '/app/missing']]]));
    expect([...pathsOfAdmin(fields('watches_by_path')!)].sort()).toEqual([
      ['/app', [id]],
      ['/app/missing', [id]],
    ]);
  });

  it('are none where a server does not serve', () => {
    expect(parseCons(notServing.words.cons!)).toEqual([]);
    expect(parseWatchTotals(notServing.words.wchs!)).toBeUndefined();
    expect(parseDump(notServing.words.dump!)).toEqual({ sessions: undefined, ephemerals: new Map() });
  });
});

describe('dump', () => {
  it('of a leader with local sessions has both kinds', () => {
    const text = `SessionTracker dump:
Local Session Sets (2)/(1):
0 expire at Mon Nov 23 07:26:57 UTC 2026:
1 expire at Mon Nov 23 07:26:59 UTC 2026:
\t0x20000d6eabf0001
Global Session Sets (1)/(1):
1 expire at Mon Nov 23 07:26:59 UTC 2026:
\t0x20000d6eabf0000
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x20000d6eabf0000:
\t/with blank
\t/0x20000d6eabf0001:
0x20000d6eabf0009:
Connections dump:
Connections Sets (1)/(1):
1 expire at Mon Nov 23 07:27:01 UTC 2026:
\tip: /127.0.0.1:51486 sessionId: 0x20000d6eabf0007
`;
    expect(parseDump(text)).toEqual({
      sessions: new Map([
        [0x20000d6eabf0001n, { kind: 'local', timeout: undefined }],
        [0x20000d6eabf0000n, { kind: 'global', timeout: undefined }],
      ]),
      ephemerals: new Map([[0x20000d6eabf0000n, ['/with blank', '/0x20000d6eabf0001:']]]),
    });
  });

  it('of a learner has the timeouts of all sessions; that of 3.4 has no sessions', () => {
    const learner = 'SessionTracker dump:\nGlobal Sessions(1):\n0xff00000000000001\t6000ms\nephemeral nodes dump:\n';
    expect(parseDump(learner).sessions).toEqual(
      new Map([[BigInt.asIntN(64, 0xff00000000000001n), { kind: 'global', timeout: 6000 }]]),
    );
    const old =
      'SessionTracker dump:\norg.apache.zookeeper.server.quorum.LearnerSessionTracker@1b2c\nephemeral nodes dump:\n';
    expect(parseDump(old).sessions).toBeUndefined();
  });

  it('of an AdminServer of a learner tells ephemerals alone', () => {
    const fields = {
      expiry_time_to_session_ids: {},
      session_id_to_ephemeral_paths: { '-72057594037927935': ['/a', 7] },
    };
    expect(parseAdminDump(fields, false)).toEqual({
      sessions: undefined,
      ephemerals: new Map([[-72057594037927935n, ['/a']]]),
    });
  });
});

describe('answers that are odd', () => {
  it('are read as far as they make sense', () => {
    const cons = [
      ' null[0](queued=0,recved=1,sent=0,sid=0x5,lop=NA,est=x,to=,lzxid=0xffffffffffffffff)',
      ' /[0:0:0:0:0:0:0:1]:7[1](queued=0,recved=5,sent=5,sid=0xffffffffffffffff)\r',
      ' /1.2.3.4:7[1](queued=0,recved=5,sent=5,sid=0x00000000000000000007)',
      ' /1.2.3.4:7[1](sid=0x7',
      'what is this',
    ].join('\n');
    expect(parseCons(cons)).toMatchObject([
      { sessionId: 5n, client: undefined, lastOperation: undefined, established: undefined, timeout: undefined },
      { sessionId: -1n, client: { host: '::1', port: 7 } },
    ]);
    for (const fields of [
      {},
      { connections: 7 },
      { connections: [null, 7, {}, { session_id: 'x' }, { session_id: 0 }] },
    ]) {
      expect(parseConnections(fields as never)).toEqual([]);
    }
    const none = { expiry_time_to_session_ids: [1], session_id_to_ephemeral_paths: { x: ['/a'], '5': 'no' } };
    expect(parseAdminDump(none, true)).toEqual({ sessions: new Map(), ephemerals: new Map() });
    expect(totalsOfAdmin({ num_connections: 1, num_paths: 'x', num_total_watches: 2 })).toBeUndefined();
    expect(sessionsOfAdmin({ session_id_to_watched_paths: { __proto__: 1, '7': ['/a', {}] } })).toEqual(
      new Map([[7n, ['/a']]]),
    );
    expect(pathsOfAdmin({ path_to_session_ids: { '/a': [7, 'x', null], '/b': 3 } })).toEqual(
      new Map([
        ['/a', [7n]],
        ['/b', []],
      ]),
    );
  });

  it('may have line feeds and tabs in paths that are not there, which anybody may watch', () => {
    expect(parseWatchesBySession('0x5\n\t/a\n\t/b\nc d\n\t\t/e\n0x6\n\t/a\n\n')).toEqual(
      new Map([
        [5n, ['/a', '/b\nc d', '\t/e']],
        [6n, ['/a']],
      ]),
    );
    expect(parseWatchesByPath('/a b\n\t0x5\n\t0x6\n/x\ny\n\t0x5\n/nobody\n\n')).toEqual(
      new Map([
        ['/a b', [5n, 6n]],
        ['/x\ny', [5n]],
      ]),
    );
  });

  it('of a million lines are read in no time to speak of', () => {
    const text = `0x5\n${'\t/some/path/of/usual/length\n'.repeat(1_000_000)}`;
    expect(parseWatchesBySession(text).get(5n)).toHaveLength(1_000_000);
    const hostile = ` /${'['.repeat(200_000)}\n`.repeat(5);
    expect(parseCons(hostile)).toEqual([]);
  });
});
