import { configOfConf, factsOf } from '../../../src/ensemble/facts.ts';
import { metricsOfMonitor, parseMntr } from '../../../src/ensemble/metrics.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { parseServerStatus } from '../../../src/ensemble/server-status.ts';
import { observation as silentMember } from '../../support/observation.ts';
import { adminFields, type RecordedRole, recordedAnswers } from '../../support/recorded-answers.ts';

/** A member of a release as it would have been observed: all it answered, or its words alone. */
export function observed(release: string, role: RecordedRole, how: { admin?: boolean; words?: boolean } = {}) {
  const { admin = true, words = true } = how;
  const recorded = recordedAnswers(release)[role];
  const word = (name: string) => (words ? recorded.words[name] : undefined);
  const fields = (command: string) => (admin ? adminFields(recorded, command) : undefined);
  const config = configOfConf(word('conf') ?? '');
  const monitor = metricsOfMonitor(fields('monitor') ?? {});
  const facts = factsOf({
    monitor,
    serverStats: fields('server_stats'),
    configuration: fields('configuration'),
    mntr: parseMntr(word('mntr') ?? ''),
    srvr: parseServerStatus(recorded.words.srvr ?? ''),
  });
  const told = (names: readonly string[], read: (name: string) => unknown) =>
    new Map(names.flatMap((name) => (read(name) === undefined ? [] : [[name, read(name)]])) as [string, never][]);
  return observation({
    facts,
    config,
    metrics: monitor ?? parseMntr(word('mntr') ?? ''),
    further: {
      words: told(['conf', 'envi', 'cons'], word),
      admin: told(
        ['configuration', 'initial_configuration', 'system_properties', 'environment', 'connections'],
        fields,
      ),
      missing: [],
    },
  });
}

/** A member that was reached and told nothing, but for what is given. */
export function observation(given: Partial<MemberObservation>): MemberObservation {
  return silentMember({ address: { host: 'zk1', port: 2181 }, roundTrip: 1, ...given });
}
