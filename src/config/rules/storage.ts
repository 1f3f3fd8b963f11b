import { isEnsemble, isOn, numberOf, settingOf, valueIn } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { isAtLeast } from '../parameters/release.ts';
import { hitAt, type Rule, when } from './rule.ts';

const MIB = 1024 * 1024;

/** Rules about data, logs and snapshots. */
export const STORAGE_RULES: readonly Rule[] = [
  {
    id: 'autopurge-off',
    severity: 'warning',
    summary: 'nothing that removes old snapshots and logs',
    why: 'A server never deletes one by itself: the disk fills up, and then it stops. Set autopurge.purgeInterval, in hours, unless a job of yours does it.',
    reference: guide('adv'),
    check: (subject) =>
      when((numberOf(subject.member, 'autopurge.purgeInterval', subject.release) ?? 0) <= 0, () =>
        hitAt(subject, 'autopurge.purgeInterval', 'autopurge is off', 'autopurge.purgeInterval=24'),
      ),
  },
  {
    id: 'log-on-data-disk',
    severity: 'advice',
    summary: 'transaction log and snapshots in one directory',
    why: 'Every write waits for the log to reach the disk. While a snapshot is written to the same device, it waits longer.',
    reference: guide('adv'),
    check: (subject) => {
      const { member } = subject;
      const [data, log] = [settingOf(member, 'dataDir')?.value, settingOf(member, 'dataLogDir')?.value];
      const message = log === undefined ? 'dataLogDir is not set' : 'dataLogDir is dataDir';
      return when(data !== undefined && (log === undefined || same(data, log)), () =>
        hitAt(subject, 'dataLogDir', message),
      );
    },
  },
  {
    id: 'volatile-data',
    severity: 'warning',
    summary: 'data in a directory that is emptied',
    why: 'The example of the documentation keeps its data in /tmp; a restart of the machine, or a cleaner, removes it, and the member returns without its memory.',
    reference: guide('min'),
    check: (subject) =>
      ['dataDir', 'dataLogDir'].flatMap((key) => {
        const path = settingOf(subject.member, key)?.value ?? '';
        return when(/^\/(?:tmp|var\/tmp|dev\/shm|run|var\/run)(?:\/|$)/.test(path), () =>
          hitAt(subject, key, `${key} is ${path}`),
        );
      }),
  },
  {
    id: 'relative-path',
    severity: 'warning',
    needs: 'text',
    summary: 'a path that depends on where the server is started',
    why: 'It counts from the directory the server happens to be started in: started elsewhere, it begins with no data.',
    reference: guide('min'),
    check: (subject) =>
      ['dataDir', 'dataLogDir', 'dynamicConfigFile'].flatMap((key) => {
        const path = settingOf(subject.member, key)?.value;
        const absolute = path === undefined || /^(?:\/|[A-Za-z]:[\\/])/.test(path);
        return when(!absolute, () => hitAt(subject, key, `${key} is ${path === '' ? 'empty' : path}`));
      }),
  },
  {
    id: 'force-sync-off',
    severity: 'warning',
    summary: 'writes that are acknowledged before they are on disk',
    why: 'After a power cut a member comes back without what it had acknowledged, and can lead the ensemble with it: writes that clients were told of are gone.',
    reference: guide('unsafe'),
    check: (subject) =>
      when(valueIn(subject.member, 'forceSync', subject.release) === 'no', () =>
        hitAt(subject, 'forceSync', 'forceSync is no'),
      ),
  },
  {
    id: 'snap-count-odd',
    severity: 'warning',
    summary: 'a snapCount under 1,000 or over 5,000,000',
    why: 'With a low one the server writes snapshots all the time; with a high one it reads logs for long when it starts.',
    reference: guide('adv'),
    check: (subject) => {
      const count = numberOf(subject.member, 'snapCount', subject.release) ?? 100_000;
      return when(count < 1000 || count > 5_000_000, () => hitAt(subject, 'snapCount', `snapCount is ${count}`));
    },
  },
  {
    id: 'commit-log-short',
    severity: 'warning',
    summary: 'a commitLogCount under 500',
    why: 'The server takes 500 instead.',
    reference: guide('adv'),
    check: (subject) => {
      const count = numberOf(subject.member, 'commitLogCount', subject.release) ?? 500;
      return when(count < 500, () => hitAt(subject, 'commitLogCount', `commitLogCount is ${count}`));
    },
  },
  {
    id: 'empty-snapshot-trusted',
    severity: 'warning',
    summary: 'snapshot.trust.empty left on',
    why: 'It is for the upgrade from 3.4 alone: while it is on, a server whose snapshots were lost starts with an empty tree instead of refusing.',
    reference: guide('adv'),
    check: (subject) =>
      when(isOn(subject.member, 'snapshot.trust.empty', subject.release), () =>
        hitAt(subject, 'snapshot.trust.empty', 'snapshot.trust.empty is true'),
      ),
  },
  {
    id: 'empty-data-votes',
    severity: 'advice',
    summary: 'a member that votes when it finds no data',
    why: 'A server whose data was removed by mistake joins with zxid 0 and its vote can lose writes. With db.autocreate=false it waits until a file named initialize says that it is new.',
    reference: guide('db'),
    check: (subject) =>
      when(
        isAtLeast(subject.release, '3.6.0') &&
          isEnsemble(subject.member, subject.release) &&
          isOn(subject.member, 'db.autocreate', subject.release),
        () => hitAt(subject, 'db.autocreate', 'db.autocreate is true', 'db.autocreate=false'),
      ),
  },
  {
    id: 'large-znodes',
    severity: 'warning',
    summary: 'a jute.maxbuffer over 4 MiB',
    why: 'Every request up to that size is held in memory and sent to every member, and clients need the same setting to read it. ZooKeeper is for kilobytes.',
    reference: guide('unsafe'),
    check: (subject) => {
      const bytes = numberOf(subject.member, 'jute.maxbuffer', subject.release) ?? 0;
      return when(bytes > 4 * MIB, () => ({ message: `jute.maxbuffer is ${bytes} bytes in java.env` }));
    },
  },
  {
    id: 'small-buffer',
    severity: 'warning',
    summary: 'a jute.maxbuffer under its default',
    why: 'A server that cannot read what others wrote, or what stands in its own log, does not start or leaves the ensemble.',
    reference: guide('unsafe'),
    check: (subject) => {
      const bytes = numberOf(subject.member, 'jute.maxbuffer', subject.release) ?? MIB;
      return when(bytes < MIB - 1, () => ({ message: `jute.maxbuffer is ${bytes} bytes in java.env` }));
    },
  },
  {
    id: 'consistency-check-off',
    severity: 'advice',
    summary: 'digest.enabled=false',
    why: 'The digests of the data tree are what finds members that have drifted apart.',
    reference: guide('adv'),
    check: (subject) =>
      when(valueIn(subject.member, 'digest.enabled', subject.release)?.toLowerCase() === 'false', () =>
        hitAt(subject, 'digest.enabled', 'digest.enabled is false'),
      ),
  },
];

function same(a: string, b: string): boolean {
  const normal = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return normal(a) === normal(b);
}
