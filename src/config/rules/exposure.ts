import { isOn, numberOf, settingOf, valueIn } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { isAtLeast } from '../parameters/release.ts';
import { hitAt, type Rule, type Subject, when } from './rule.ts';

const EVERYWHERE = /^(?:0\.0\.0\.0|\[?[0:]+\]?)$/;
/** They walk all watches and sessions while they hold their locks. */
const HEAVY_WORDS = ['wchp', 'wchc', 'dump'];

/** Rules about what a server is open to. */
export const EXPOSURE_RULES: readonly Rule[] = [
  {
    id: 'every-word-open',
    severity: 'warning',
    summary: 'every four-letter word allowed',
    why: 'Anybody who reaches the client port can ask for all sessions, watches and paths, and wchp, wchc and dump can stall a busy server. Name the words you need.',
    reference: guide('cluster'),
    check: (subject) => {
      const { member } = subject;
      return when(wordsOf(subject).includes('*') && settingOf(member, '4lw.commands.whitelist') !== undefined, () =>
        hitAt(subject, '4lw.commands.whitelist', 'the whitelist is *', '4lw.commands.whitelist=srvr, mntr, ruok'),
      );
    },
  },
  {
    id: 'heavy-word-open',
    severity: 'advice',
    summary: 'a four-letter word allowed that can stall a server',
    why: 'With wchp, wchc and dump a server lists every watch or session in one answer, at the expense of those who wait.',
    reference: guide('cluster'),
    check: (subject) => {
      const heavy = wordsOf(subject).filter((word) => HEAVY_WORDS.includes(word));
      return when(heavy.length > 0, () => hitAt(subject, '4lw.commands.whitelist', `${heavy.join(', ')} can be asked`));
    },
  },
  {
    id: 'connections-unlimited',
    severity: 'warning',
    summary: 'no limit on connections from one address',
    why: 'One client that connects in a loop takes every file descriptor, and the server takes no others. maxCnxns limits them all together.',
    reference: guide('adv'),
    check: (subject) => {
      const { member, release } = subject;
      const [each, all] = [numberOf(member, 'maxClientCnxns', release), numberOf(member, 'maxCnxns', release) ?? 0];
      return when(each === 0 && all <= 0, () =>
        hitAt(subject, 'maxClientCnxns', 'maxClientCnxns is 0', 'maxClientCnxns=60'),
      );
    },
  },
  {
    id: 'connections-few',
    severity: 'advice',
    summary: 'a maxClientCnxns under 10',
    why: 'Machines with many clients, and all that come through one proxy or NAT, share one address.',
    reference: guide('adv'),
    check: (subject) => {
      const each = numberOf(subject.member, 'maxClientCnxns', subject.release) ?? 60;
      return when(each > 0 && each < 10, () => hitAt(subject, 'maxClientCnxns', `maxClientCnxns is ${each}`));
    },
  },
  {
    id: 'admin-server-open',
    severity: 'warning',
    summary: 'an AdminServer that everybody reaches',
    why: 'From 3.5 to 3.9 it listens on port 8080 of every address unless it is told otherwise, without a password: it shows the configuration and every session, and since 3.9 takes and restores snapshots.',
    reference: guide('admin'),
    check: (subject) => {
      const address = valueIn(subject.member, 'admin.serverAddress', subject.release) ?? '0.0.0.0';
      return when(adminRuns(subject) && EVERYWHERE.test(address), () =>
        hitAt(
          subject,
          'admin.serverAddress',
          `AdminServer listens on port ${valueIn(subject.member, 'admin.serverPort', subject.release)} of every address`,
          'admin.serverAddress=127.0.0.1',
        ),
      );
    },
  },
  {
    id: 'admin-server-not-off',
    severity: 'warning',
    summary: 'an AdminServer that was meant to be off',
    why: 'Only the word false, in small letters, switches it off.',
    reference: guide('admin'),
    check: (subject) => {
      const value = settingOf(subject.member, 'admin.enableServer')?.value ?? 'true';
      const meant = /^(?:false|no|off|0|disabled?)$/i.test(value) && value !== 'false';
      return when(meant && adminRuns(subject), () =>
        hitAt(subject, 'admin.enableServer', `admin.enableServer is ${value}`, 'admin.enableServer=false'),
      );
    },
  },
  {
    id: 'acls-skipped',
    severity: 'warning',
    summary: 'skipACL=yes',
    why: 'Everybody may read, write and delete everything, whatever the ACLs say. It is for the hour in which an ACL was lost.',
    reference: guide('unsafe'),
    check: (subject) => when(skipsAcls(subject), () => hitAt(subject, 'skipACL', 'skipACL is yes')),
  },
  {
    id: 'reconfig-open',
    severity: 'error',
    summary: 'reconfigEnabled together with skipACL',
    why: 'Everybody who reaches the client port can replace the members of the ensemble by servers of their own.',
    reference: guide('cluster'),
    check: (subject) =>
      when(skipsAcls(subject) && isOn(subject.member, 'reconfigEnabled', subject.release), () =>
        hitAt(subject, 'reconfigEnabled', 'reconfigEnabled is true and skipACL is yes'),
      ),
  },
  {
    id: 'forwarded-for-trusted',
    severity: 'warning',
    summary: 'client addresses taken from X-Forwarded-For',
    why: 'Whoever asks the AdminServer writes that header: an ACL of scheme ip is then no protection (CVE-2024-51504).',
    reference: guide('auth'),
    check: (subject) =>
      when(isOn(subject.member, 'IPAuthenticationProvider.usexforwardedfor', subject.release), () =>
        hitAt(subject, 'IPAuthenticationProvider.usexforwardedfor', 'X-Forwarded-For is believed'),
      ),
  },
  {
    id: 'sasl-failures-allowed',
    severity: 'warning',
    summary: 'clients let in whose SASL authentication failed',
    why: 'A client with a wrong password goes on as an anonymous one, and finds out at the first ACL.',
    check: (subject) =>
      when(isOn(subject.member, 'allowSaslFailedClients', subject.release), () =>
        hitAt(subject, 'allowSaslFailedClients', 'allowSaslFailedClients is true'),
      ),
  },
  {
    id: 'metrics-open',
    severity: 'advice',
    summary: 'metrics that everybody reaches',
    why: 'The Prometheus provider listens on every address unless metricsProvider.httpHost says otherwise.',
    reference: guide('metrics'),
    check: (subject) => {
      const prometheus = /Prometheus/.test(valueIn(subject.member, 'metricsProvider.className', subject.release) ?? '');
      const host = valueIn(subject.member, 'metricsProvider.httpHost', subject.release) ?? '0.0.0.0';
      return when(prometheus && EVERYWHERE.test(host), () =>
        hitAt(subject, 'metricsProvider.httpHost', `the metrics provider listens on ${host}`),
      );
    },
  },
  {
    id: 'secret-in-file',
    severity: 'advice',
    needs: 'names',
    summary: 'a password in clear',
    why: 'Whoever reads the file, its backups and the AdminServer has it, too. Since 3.8 keyStore.passwordPath and trustStore.passwordPath name a file of its own.',
    reference: guide('auth'),
    check: ({ member }) =>
      member.file.settings
        .filter(({ key, value }) => /(?:[sS]tore\.password|superPassword)$/.test(key) && value !== '')
        .map((at) => ({ at, message: `${at.key} stands there in clear` })),
  },
];

function wordsOf({ member, release }: Subject): string[] {
  const list = valueIn(member, '4lw.commands.whitelist', release) ?? '';
  return list.split(',').map((word) => word.trim());
}

function adminRuns({ member, release }: Subject): boolean {
  return isAtLeast(release, '3.5.0') && valueIn(member, 'admin.enableServer', release) !== 'false';
}

function skipsAcls({ member, release }: Subject): boolean {
  return valueIn(member, 'skipACL', release) === 'yes';
}
