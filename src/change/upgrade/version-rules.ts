import { compareReleases, isAtLeast, type Release } from '../../config/parameters/release.ts';

/** One member that goes from one release to another, with what was seen on its machine. */
export interface VersionStep {
  from: Release;
  to: Release;
  /** Whether its data directory has a snapshot; undefined where that was not looked at. */
  snapshot: boolean | undefined;
  /** A value of its zoo.cfg. */
  setting(key: string): string | undefined;
  /** Whether some member has several addresses, parted by a bar. */
  manyAddresses: boolean;
}

/** One rule of what a change of the release may do. */
interface VersionRule {
  id: string;
  /** `refused`: it is not begun; `final`: from there on the old release cannot read what was written; `note`: to be known. */
  verdict: 'refused' | 'final' | 'note';
  /** A sentence for a person. */
  says: string;
  /** What to do where it is refused. */
  instead?: string;
  /** Where it is known from. */
  source: string;
  applies(step: VersionStep): boolean;
}

/** Where a step comes over the first release of something: from before it to it or later. */
const over = ({ from, to }: VersionStep, first: string): boolean => !isAtLeast(from, first) && isAtLeast(to, first);

/** Without a snapshot a server of 3.5.3 or later does not start on transaction logs alone. */
const startsBlind = (step: VersionStep): boolean => over(step, '3.5.3') && step.snapshot === false;

/** What must be known of a change of the release. */
export const VERSION_RULES: readonly VersionRule[] = [
  {
    id: 'not-back',
    verdict: 'refused',
    says: 'an older release may not read what the newer one wrote, and is not tested to follow it',
    instead: 'An upgrade that was begun here is taken back by rolling abort.',
    source: 'FileTxnSnapLog, SerializeUtils: each release reads the transactions it knows',
    applies: ({ from, to }) => compareReleases(to, from) < 0,
  },
  {
    id: 'one-minor',
    verdict: 'refused',
    says: 'more than one minor release at a time: members of such releases are not tested with each other',
    instead: 'Upgrade to the last release of each minor release in between first.',
    source: 'release notes: each minor release is upgraded to from the one before it',
    applies: ({ from, to }) => to[0] !== from[0] || to[1] - from[1] > 1,
  },
  {
    id: 'election-protocol',
    verdict: 'refused',
    says: 'servers before 3.4.6 take the election connections of 3.5 for those of a server with the id -65536: the two would never form one ensemble',
    instead: 'Upgrade to 3.4.14 first.',
    source: 'ZOOKEEPER-1633, QuorumCnxManager',
    applies: (step) => !isAtLeast(step.from, '3.4.6') && over(step, '3.5.0'),
  },
  {
    id: 'snapshot-missing',
    verdict: 'refused',
    says: 'the data directory has no snapshot: releases from 3.5.3 on do not start on transaction logs alone, and 3.5.3 to 3.5.5 cannot be told to',
    instead:
      'Upgrade to 3.5.6 or later, with snapshot.trust.empty=true; or restart it until it has written a snapshot.',
    source: 'ZOOKEEPER-2325, ZOOKEEPER-3056, FileTxnSnapLog.restore',
    applies: (step) => startsBlind(step) && !isAtLeast(step.to, '3.5.6'),
  },
  {
    id: 'snapshot-not-trusted',
    verdict: 'refused',
    says: 'the data directory has no snapshot: releases from 3.5.3 on do not start on transaction logs alone unless they are told to',
    instead:
      'Put snapshot.trust.empty=true into zoo.cfg (rolling apply; the old release passes over it), and take it out again after the upgrade.',
    source: 'ZOOKEEPER-3056, FileTxnSnapLog.restore',
    applies: (step) =>
      startsBlind(step) && isAtLeast(step.to, '3.5.6') && step.setting('snapshot.trust.empty') !== 'true',
  },
  {
    id: 'snapshot-trusted',
    verdict: 'note',
    says: 'snapshot.trust.empty is set: take it out when the upgrade is done, since with it a member that lost its snapshots starts without their data',
    source: 'ZOOKEEPER-3056, FileTxnSnapLog.restore',
    applies: ({ setting }) => setting('snapshot.trust.empty') === 'true',
  },
  {
    id: 'multi-address',
    verdict: 'refused',
    says: 'multiAddress.enabled or a member with several addresses changes the protocol between servers, which releases before 3.6 do not speak: the two would form two parts',
    instead: 'Upgrade without it, and switch it on afterwards by rolling apply.',
    source: 'ZOOKEEPER-3188, ZOOKEEPER-3720, QuorumPeer, QuorumCnxManager',
    applies: (step) => over(step, '3.6.0') && (step.setting('multiAddress.enabled') === 'true' || step.manyAddresses),
  },
  {
    id: 'transactions-of-3.5',
    verdict: 'final',
    says: '3.4 cannot read logs with what came in 3.5: a create that returns its stat, containers, znodes with a time to live, reconfigurations. It can be taken back as long as no client of 3.5 or later writes these',
    source: 'SerializeUtils.deserializeTxn, OpCode',
    applies: (step) => over(step, '3.5.0'),
  },
  {
    id: 'compressed-snapshots',
    verdict: 'final',
    says: 'snapshot.compression.method is set: from the first snapshot that the new release writes the old one cannot read it',
    source: 'SnapStream, from 3.6 on',
    applies: (step) => over(step, '3.6.0') && (step.setting('snapshot.compression.method') ?? '') !== '',
  },
  {
    id: 'ttl-of-3.5.3',
    verdict: 'final',
    says: 'znodes with a time to live that 3.5.3 made are read otherwise from 3.5.4 on, unless zookeeper.emulate353TTLNodes is set',
    source: 'ZOOKEEPER-2901, EphemeralType',
    applies: (step) => isAtLeast(step.from, '3.5.3') && over(step, '3.5.4'),
  },
  {
    id: 'admin-server',
    verdict: 'note',
    says: 'from 3.5 on each server opens an AdminServer at port 8080 unless admin.serverPort or admin.enableServer says otherwise',
    source: 'JettyAdminServer',
    applies: (step) => over(step, '3.5.0') && step.setting('admin.enableServer') !== 'false',
  },
  {
    id: 'four-letter-words',
    verdict: 'note',
    says: 'from 3.5.3 on only srvr is answered of the four-letter words unless 4lw.commands.whitelist has more: monitoring may go blind',
    source: 'FourLetterCommands',
    applies: (step) => over(step, '3.5.3') && step.setting('4lw.commands.whitelist') === undefined,
  },
  {
    id: 'logback',
    verdict: 'note',
    says: 'from 3.8 on the log is configured by logback.xml; a log4j.properties is not read',
    source: 'ZOOKEEPER-4427, conf/logback.xml',
    applies: (step) => over(step, '3.8.0'),
  },
];

/** The rules that a step falls under. */
export function rulesFor(step: VersionStep): readonly VersionRule[] {
  return VERSION_RULES.filter((rule) => rule.applies(step));
}
