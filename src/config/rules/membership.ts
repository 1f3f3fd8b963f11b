import type { ServerLine } from '../../ensemble/server-line.ts';
import {
  idOf,
  isEnsemble,
  isOn,
  membershipOf,
  ownLine,
  readableServers,
  type Setting,
  serversOf,
  settingOf,
} from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { isAtLeast } from '../parameters/release.ts';
import { groupProblems } from './groups.ts';
import { hitAt, type Rule, type Subject, when } from './rule.ts';

/** Rules about who the members are. */
export const MEMBERSHIP_RULES: readonly Rule[] = [
  {
    id: 'bad-server-line',
    severity: 'error',
    refuses: true,
    summary: 'a server line that cannot be read',
    why: 'Its form is server.ID=HOST:PORT:PORT[:ROLE][;[HOST:]CLIENTPORT].',
    reference: guide('cluster'),
    check: ({ member, release }) =>
      serversOf(member).flatMap((one) => {
        if ('problem' in one) return [{ at: one.setting, message: one.problem }];
        const tooNew = !isAtLeast(release, '3.5.0') && one.setting.value.includes(';');
        return when(tooNew, () => ({ at: one.setting, message: 'client ports in server lines came with 3.5' }));
      }),
  },
  {
    id: 'duplicate-server',
    severity: 'error',
    needs: 'text',
    summary: 'a server id that stands twice',
    why: 'The last line counts and the other member is lost: the files of the members that know both disagree with it.',
    reference: guide('cluster'),
    check: ({ member }) =>
      [member.file, ...(member.dynamic === undefined ? [] : [member.dynamic])].flatMap(({ settings }) =>
        settings
          .filter(({ key }, index) => /^server\./.test(key) && settings.findIndex((one) => one.key === key) < index)
          .map((at) => ({ at, message: `${at.key} stands there twice` })),
      ),
  },
  {
    id: 'observers-without-voters',
    severity: 'error',
    refuses: true,
    summary: 'observers without voters to observe',
    why: 'An observer follows the votes of others; at least two participants are needed, or one with standaloneEnabled=false.',
    reference: guide('cluster'),
    check: ({ member, release }) => {
      const servers = readableServers(member);
      const voters = servers.filter(({ role }) => role === 'participant').length;
      const standalone = isOn(member, 'standaloneEnabled', release);
      const alone = voters === 0 || (voters === 1 && standalone);
      return when(alone && voters < servers.length, () => ({
        at: lineOf(
          member,
          servers.find(({ role }) => role === 'observer'),
        ),
        message: `${servers.length - voters} of ${servers.length} are observers`,
      }));
    },
  },
  {
    id: 'nobody-to-vote',
    severity: 'error',
    refuses: true,
    summary: 'standaloneEnabled=false without a member',
    why: 'Such a server is a member of an ensemble, and an ensemble needs at least one participant.',
    reference: guide('cluster'),
    check: (subject) => {
      const { member, release } = subject;
      const unseen = settingOf(member, 'dynamicConfigFile') !== undefined && member.dynamic === undefined;
      const nobody = isAtLeast(release, '3.5.0') && !unseen && membershipOf(member).length === 0;
      return when(nobody && settingOf(member, 'standaloneEnabled')?.value.toLowerCase() === 'false', () =>
        hitAt(subject, 'standaloneEnabled', 'there is no server line'),
      );
    },
  },
  {
    id: 'lone-server-line',
    severity: 'warning',
    summary: 'a single server line',
    why: 'The server takes itself for a standalone one and ignores the line; without standaloneEnabled=false it cannot grow into an ensemble.',
    reference: guide('cluster'),
    check: ({ member, release }) => {
      const servers = readableServers(member);
      return when(servers.length === 1 && !isEnsemble(member, release), () => ({
        at: lineOf(member, servers[0]),
        message: 'only one server is named',
      }));
    },
  },
  {
    id: 'even-voters',
    severity: 'warning',
    summary: 'an even number of voters',
    why: 'It survives no more failures than one voter less would, and one more server can fail. Make one an observer, or add one.',
    reference: guide('cluster'),
    check: ({ member }) => {
      const voters = votersOf(member);
      const grouped = membershipOf(member).some(({ key }) => !key.startsWith('server.'));
      return when(voters.length > 0 && voters.length % 2 === 0 && !grouped, () => ({
        at: lineOf(member, voters.at(-1)),
        message: `${voters.length} voters survive ${Math.ceil(voters.length / 2) - 1} failures, as ${voters.length - 1} do`,
      }));
    },
  },
  {
    id: 'many-voters',
    severity: 'advice',
    summary: 'more than seven voters',
    why: 'Every write waits for a majority of them. Observers take clients without a vote.',
    reference: guide('cluster'),
    check: ({ member }) => {
      const voters = votersOf(member);
      return when(voters.length > 7, () => ({ at: lineOf(member, voters.at(-1)), message: `${voters.length} voters` }));
    },
  },
  {
    id: 'broken-groups',
    severity: 'error',
    refuses: true,
    summary: 'groups or weights that do not add up',
    why: 'With groups every voter is in exactly one; ids and weights are numbers.',
    reference: guide('cluster'),
    check: ({ member }) => groupProblems(member).refused,
  },
  {
    id: 'odd-groups',
    severity: 'warning',
    summary: 'groups or weights that cannot have been meant',
    why: 'A weight or group of a server that is no voter does nothing, and members whose weights are all 0 never form a quorum.',
    reference: guide('cluster'),
    check: ({ member }) => groupProblems(member).odd,
  },
  {
    id: 'many-addresses',
    severity: 'error',
    refuses: true,
    summary: 'several addresses of a member without multiAddress.enabled',
    why: 'Addresses joined by | came with 3.6, and only multiAddress.enabled=true allows them.',
    reference: guide('auth'),
    check: ({ member, release }) =>
      readableServers(member)
        .filter(({ addresses }) => addresses.length > 1 && !isOn(member, 'multiAddress.enabled', release))
        .map((server) => ({
          at: lineOf(member, server),
          message: `server.${server.id} has ${server.addresses.length} addresses`,
        })),
  },
  {
    id: 'loopback-member',
    severity: 'warning',
    summary: 'a loopback address among addresses of other machines',
    why: 'Every member takes it for its own: the others cannot reach that server.',
    reference: guide('cluster'),
    check: ({ member }) => {
      const servers = readableServers(member);
      const loops = servers.filter(isLoopback);
      return loops.length === servers.length
        ? []
        : loops.map((server) => ({
            at: lineOf(member, server),
            message: `server.${server.id} is at ${server.addresses[0]?.host}`,
          }));
    },
  },
  {
    id: 'myid-missing',
    severity: 'error',
    refuses: true,
    summary: 'dataDir without a myid file',
    why: 'A member of an ensemble learns from dataDir/myid which of the server lines it is.',
    reference: guide('cluster'),
    check: (subject) =>
      when(subject.member.myid === 'missing' && isEnsemble(subject.member, subject.release), () =>
        hitAt(subject, 'dataDir', `there is no ${myidPath(subject)}`),
      ),
  },
  {
    id: 'bad-myid',
    severity: 'error',
    refuses: true,
    summary: 'a myid that is no number',
    why: 'The first line of the file must be the id and nothing else.',
    reference: guide('cluster'),
    check: (subject) =>
      when(typeof subject.member.myid === 'object' && idOf(subject.member) === undefined, () =>
        hitAt(subject, 'dataDir', `${myidPath(subject)} holds no number`),
      ),
  },
  {
    id: 'foreign-myid',
    severity: 'error',
    summary: 'a myid that no server line has',
    why: 'The server does not find itself among the members, and does not start.',
    reference: guide('cluster'),
    check: (subject) => {
      const id = idOf(subject.member);
      const lost =
        id !== undefined && isEnsemble(subject.member, subject.release) && ownLine(subject.member) === undefined;
      return when(lost, () => hitAt(subject, 'dataDir', `myid is ${id}, and there is no server.${id}`));
    },
  },
  {
    id: 'id-too-large',
    severity: 'error',
    summary: 'a server id over 254 with extendedTypesEnabled',
    why: 'The bits of the larger ids are needed for TTL nodes; such a server fails as soon as it is to serve.',
    reference: guide('adv'),
    check: ({ member, release }) =>
      isOn(member, 'extendedTypesEnabled', release)
        ? readableServers(member)
            .filter(({ id }) => id > 254n)
            .map((server) => ({ at: lineOf(member, server), message: `server.${server.id} has an id over 254` }))
        : [],
  },
  {
    id: 'peer-type-mismatch',
    severity: 'warning',
    summary: "a peerType other than the role in the member's server line",
    why: 'The server line counts; up to 3.4 an observer needs both.',
    reference: guide('cluster'),
    check: (subject) => {
      const own = ownLine(subject.member);
      const type = settingOf(subject.member, 'peerType')?.value.toLowerCase();
      return when(own !== undefined && type !== undefined && type !== own.role, () =>
        hitAt(subject, 'peerType', `peerType is ${type}, server.${own?.id} is a ${own?.role}`),
      );
    },
  },
];

type Member = Subject['member'];

function myidPath({ member }: Subject): string {
  return `${settingOf(member, 'dataDir')?.value ?? 'dataDir'}/myid`;
}

function votersOf(member: Member): ServerLine[] {
  return readableServers(member).filter(({ role }) => role === 'participant');
}

function lineOf(member: Member, server: ServerLine | undefined): Setting | undefined {
  return membershipOf(member).find(({ key }) => server !== undefined && key === `server.${server.id}`);
}

function isLoopback({ addresses }: ServerLine): boolean {
  return addresses.some(({ host }) => /^(?:localhost|127\.[\d.]+|::1)$/i.test(host));
}
