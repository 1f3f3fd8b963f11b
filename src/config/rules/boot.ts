import { formatHostPort } from '../../client/connect-string.ts';
import { isEnsemble, isOn, numberOf, ownLine, serversOf, settingOf, valueIn } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { isAtLeast } from '../parameters/release.ts';
import { type Hit, hitAt, type Rule, type Subject, when } from './rule.ts';

/** Rules about what keeps a server from starting. */
export const BOOT_RULES: readonly Rule[] = [
  {
    id: 'data-dir-missing',
    severity: 'error',
    refuses: true,
    summary: 'no dataDir',
    why: 'It is the one place where a server keeps its snapshots and its id.',
    reference: guide('min'),
    check: ({ member }) => when(settingOf(member, 'dataDir') === undefined, () => ({ message: 'dataDir is not set' })),
  },
  {
    id: 'no-client-port',
    severity: 'error',
    summary: 'no port that clients could use',
    why: 'Up to 3.4 a server without clientPort does not start; later ones start, and nobody can reach them.',
    reference: guide('min'),
    check: ({ member, release }) => {
      const old = !isAtLeast(release, '3.5.0');
      const ports = old ? ['clientPort'] : ['clientPort', 'secureClientPort'];
      if (ports.some((key) => settingOf(member, key) !== undefined)) return [];
      // The member's own line may name it, and that line may be out of sight.
      const unseen = settingOf(member, 'dynamicConfigFile') !== undefined && member.dynamic === undefined;
      const elsewhere = unseen || serversOf(member).some((one) => 'server' in one && one.server.client !== undefined);
      return when(old || !elsewhere, () => ({ message: `${ports.join(' or ')} is not set` }));
    },
  },
  {
    id: 'address-without-port',
    severity: 'error',
    refuses: true,
    summary: 'an address to listen on without its port',
    why: 'The server refuses clientPortAddress without clientPort, and secureClientPortAddress without secureClientPort.',
    reference: guide('adv'),
    check: (subject) =>
      portsOf(subject).flatMap((port) =>
        when(
          settingOf(subject.member, `${port}Address`) !== undefined && settingOf(subject.member, port) === undefined,
          () => hitAt(subject, `${port}Address`, `${port}Address is set, but ${port} is not`),
        ),
      ),
  },
  {
    id: 'tick-time-zero',
    severity: 'error',
    refuses: true,
    summary: 'a tickTime of 0',
    why: 'Every other time is counted in ticks.',
    reference: guide('min'),
    check: (subject) =>
      when(numberOf(subject.member, 'tickTime', subject.release) === 0, () =>
        hitAt(subject, 'tickTime', 'tickTime is 0'),
      ),
  },
  {
    id: 'limits-missing',
    severity: 'error',
    refuses: true,
    summary: 'an ensemble without initLimit or syncLimit',
    why: 'They have no default: a member does not start without them.',
    reference: guide('cluster'),
    check: (subject) =>
      isEnsemble(subject.member, subject.release)
        ? ['initLimit', 'syncLimit'].flatMap((key) =>
            when((numberOf(subject.member, key, subject.release) ?? 0) === 0 && !unreadable(subject, key), () =>
              hitAt(
                subject,
                key,
                `${key} is ${settingOf(subject.member, key) === undefined ? 'not set' : '0'}`,
                `${key}=${key === 'initLimit' ? 10 : 5}`,
              ),
            ),
          )
        : [],
  },
  {
    id: 'session-timeouts-crossed',
    severity: 'error',
    refuses: true,
    summary: 'minSessionTimeout over maxSessionTimeout',
    why: 'No session could be granted; the server does not start. What is not set is 2 and 20 ticks; up to 3.4 one may not be set without the other.',
    reference: guide('adv'),
    check: (subject) => {
      const { min, max } = comparedTimeouts(subject);
      const key =
        settingOf(subject.member, 'minSessionTimeout') === undefined ? 'maxSessionTimeout' : 'minSessionTimeout';
      return when(min > max, () => hitAt(subject, key, `sessions last at least ${min} ms and at most ${max} ms`));
    },
  },
  {
    id: 'quorum-sasl-chain',
    severity: 'error',
    refuses: true,
    summary: 'SASL between the members that is required but not enabled',
    why: 'quorum.auth.serverRequireSasl needs quorum.auth.learnerRequireSasl, and both need quorum.auth.enableSasl.',
    reference: guide('auth'),
    check: (subject) => {
      const on = (name: string) => isOn(subject.member, `quorum.auth.${name}`, subject.release);
      const needs = (name: string, needed: string): Hit[] =>
        when(on(name) && !on(needed), () =>
          hitAt(subject, `quorum.auth.${name}`, `quorum.auth.${name} needs quorum.auth.${needed}=true`),
        );
      return [
        ...needs('serverRequireSasl', 'enableSasl'),
        ...needs('learnerRequireSasl', 'enableSasl'),
        ...needs('serverRequireSasl', 'learnerRequireSasl'),
      ];
    },
  },
  {
    id: 'election-algorithm',
    severity: 'error',
    refuses: true,
    summary: 'an electionAlg other than 3',
    why: 'The others were removed in 3.6, which refuses them.',
    reference: guide('cluster'),
    check: (subject) =>
      when(
        isAtLeast(subject.release, '3.6.0') &&
          ![3, undefined].includes(numberOf(subject.member, 'electionAlg', subject.release)),
        () => hitAt(subject, 'electionAlg', 'only election algorithm 3 is left'),
      ),
  },
  {
    id: 'membership-in-two-places',
    severity: 'error',
    refuses: true,
    summary: 'server lines in zoo.cfg beside dynamicConfigFile',
    why: 'With dynamicConfigFile, server, group and weight lines belong into that file: the server refuses to choose.',
    reference: guide('cluster'),
    check: ({ member, release }) =>
      settingOf(member, 'dynamicConfigFile') === undefined || !isAtLeast(release, '3.5.0')
        ? []
        : member.file.settings
            .filter(({ key }) => /^(?:server\.|group|weight)/.test(key))
            .slice(0, 1)
            .map((at) => ({ at, message: `${at.key} stands in zoo.cfg, but dynamicConfigFile is set` })),
  },
  {
    id: 'dynamic-file-missing',
    severity: 'error',
    refuses: true,
    summary: 'a dynamicConfigFile that is not there',
    why: 'A server whose dynamicConfigFile cannot be read does not start.',
    reference: guide('cluster'),
    check: (subject) =>
      when(subject.member.dynamicMissing === true, () =>
        hitAt(
          subject,
          'dynamicConfigFile',
          `${valueIn(subject.member, 'dynamicConfigFile', subject.release)} is not there`,
        ),
      ),
  },
  {
    id: 'dynamic-file-unseen',
    severity: 'advice',
    needs: 'text',
    summary: 'a dynamicConfigFile that cannot be seen from here',
    why: 'The membership is in that file: without it no rule about members was checked. Copy it beside zoo.cfg.',
    check: (subject) =>
      when(subject.member.dynamicMissing === false && subject.member.dynamic === undefined, () =>
        hitAt(
          subject,
          'dynamicConfigFile',
          `${valueIn(subject.member, 'dynamicConfigFile', subject.release)} was not read`,
        ),
      ),
  },
  {
    id: 'foreign-line-in-dynamic-file',
    severity: 'error',
    refuses: true,
    summary: 'a line in the dynamic file that is not about the membership',
    why: 'Only server, group and weight lines belong there; the version is in the name of the file.',
    reference: guide('cluster'),
    check: ({ member }) =>
      (member.dynamic?.settings ?? [])
        .filter(({ key }) => !/^(?:server\.|group|weight)/.test(key))
        .map((at) => ({ at, message: `${at.key} does not belong into a dynamic file` })),
  },
  {
    id: 'client-port-conflict',
    severity: 'error',
    refuses: true,
    summary: "clientPort other than the one in the member's own server line",
    why: 'The two must agree, or the server does not start.',
    reference: guide('cluster'),
    check: (subject) => {
      const port = numberOf(subject.member, 'clientPort', subject.release);
      const own = ownLine(subject.member);
      const line = own?.client;
      if (port === undefined || own === undefined || line === undefined || line.port === port) return [];
      const there = formatHostPort({ host: line.host ?? '0.0.0.0', port: line.port });
      return [hitAt(subject, 'clientPort', `clientPort is ${port}, but server.${own.id} has clients come to ${there}`)];
    },
  },
  {
    id: 'enforce-auth-without-schemes',
    severity: 'error',
    summary: 'enforce.auth.enabled without enforce.auth.schemes',
    why: 'The server refuses to serve: it would not know which authentication to ask for.',
    reference: guide('auth'),
    check: (subject) =>
      when(
        isOn(subject.member, 'enforce.auth.enabled', subject.release) &&
          (valueIn(subject.member, 'enforce.auth.schemes', subject.release) ?? '') === '',
        () => hitAt(subject, 'enforce.auth.enabled', 'enforce.auth.schemes is not set'),
      ),
  },
];

/** The ports that a release has an address for; TLS came with 3.5.1. */
function portsOf({ release }: Subject): string[] {
  return isAtLeast(release, '3.5.1') ? ['clientPort', 'secureClientPort'] : ['clientPort'];
}

/** The session timeouts in force, in milliseconds. */
export function sessionTimeouts({ member, release }: Subject): { min: number; max: number; tick: number } {
  const tick = numberOf(member, 'tickTime', release) ?? 3000;
  const limit = (key: string, ticks: number): number => {
    const set = numberOf(member, key, release) ?? -1;
    return set === -1 ? tick * ticks : set;
  };
  return { min: limit('minSessionTimeout', 2), max: limit('maxSessionTimeout', 20), tick };
}

/** What the server compares: up to 3.4 it is what was written, with -1 for what was not. */
function comparedTimeouts(subject: Subject): { min: number; max: number } {
  const { member, release } = subject;
  if (isAtLeast(release, '3.5.0')) return sessionTimeouts(subject);
  const written = (key: string): number => numberOf(member, key, release) ?? -1;
  return { min: written('minSessionTimeout'), max: written('maxSessionTimeout') };
}

/** A value that bad-value tells of already. */
function unreadable({ member, release }: Subject, key: string): boolean {
  return settingOf(member, key) !== undefined && numberOf(member, key, release) === undefined;
}
