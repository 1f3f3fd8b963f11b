import { formatAcl, Perms } from '../../../protocol/acl.ts';
import { type Check, eachMember, found, unjudged } from '../check.ts';
import { nameOf } from '../evidence.ts';
import { advisoriesOf, isEndOfLife } from '../releases.ts';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/;
const CHANGING = Perms.write | Perms.create | Perms.delete | Perms.admin;

/** Checks about what the servers are open to. */
export const EXPOSURE_CHECKS: readonly Check[] = [
  {
    code: 'words-open',
    title: 'four-letter words open that nobody needs',
    severity: 'advice',
    why: 'Whoever reaches the client port can ask for all sessions, watches and paths, and wchp, wchc and dump can stall a busy server.',
    todo: 'Set 4lw.commands.whitelist=srvr, mntr, ruok, or ask the AdminServer and leave srvr alone.',
    judge: (view) =>
      eachMember(
        view,
        ({ observation: { further } }) => {
          // gtmk does nothing but tell a number: where it is allowed, everything is.
          const answered = /^\d+$/.test(further.words.get('gtmk')?.trim() ?? '');
          const why = further.missing.find(({ source }) => source === '4lw:gtmk')?.reason;
          if (answered || why === 'not in 4lw.commands.whitelist') return { value: answered, source: '4lw:gtmk' };
          return { reason: why ?? 'no four-letter word was answered' };
        },
        (open, source, member) =>
          open
            ? {
                message: `${nameOf(member)} answers four-letter words besides srvr, mntr and ruok`,
                evidence: `gtmk was answered, ${source}`,
              }
            : undefined,
      ),
  },
  {
    code: 'admin-open',
    title: 'an AdminServer that answers from outside without TLS',
    severity: 'advice',
    why: 'It shows the configuration and every session to whoever asks, and since 3.9 takes and restores snapshots for whoever has the credentials, which then go over the network in clear.',
    todo: 'Set admin.serverAddress=127.0.0.1, or admin.forceHttps with admin.needClientAuth, or admin.enableServer=false.',
    judge: (view) =>
      eachMember(
        view,
        ({ observation: { adminUrl } }) => {
          if (adminUrl === undefined) return undefined;
          const { hostname, protocol } = new URL(adminUrl);
          if (LOOPBACK.test(hostname))
            return { reason: 'asked on the machine it runs on, so whether others reach it is not known' };
          return { value: protocol === 'http:', source: adminUrl };
        },
        (open, source, member) =>
          open ? { message: `the AdminServer of ${nameOf(member)} answers us`, evidence: source } : undefined,
      ),
  },
  {
    code: 'root-open',
    title: 'anybody may create and delete at the root of the tree',
    severity: 'advice',
    why: 'Whoever reaches the client port can add, and where children are open too, remove what services depend on.',
    todo: 'Restrict it once every service has its own branch: zksh setAcl / world:anyone:r,auth::cdrwa, with credentials that you keep.',
    judge: ({ rootAcl }) => {
      if ('reason' in rootAcl) return unjudged(rootAcl.reason);
      const open = rootAcl.filter(
        ({ scheme, id, perms }) => scheme === 'world' && id === 'anyone' && (perms & CHANGING) !== 0,
      );
      return found(
        open.length === 0
          ? undefined
          : { members: [], message: `the ACL of / is ${formatAcl(rootAcl)}`, evidence: 'getACL /, client' },
      );
    },
  },
  {
    code: 'release-vulnerable',
    title: 'a release with known vulnerabilities',
    severity: 'advice',
    why: 'The version suggests them. A distribution may have mended them without a new version: its changelog tells.',
    todo: 'Upgrade to the last release of the branch, member by member.',
    judge: (view) =>
      eachMember(
        view,
        ({ facts: { version } }) => version ?? { reason: 'its release is not told' },
        (version, source, member) => {
          const known = advisoriesOf(version);
          if (known.length === 0) return undefined;
          return {
            message: `the version ${version} of ${nameOf(member)} suggests ${known.map(({ id }) => id).join(', ')}`,
            evidence: `version ${version}, ${source}; ${known.map(({ id, about }) => `${id}: ${about}`).join('; ')}`,
          };
        },
      ),
  },
  {
    code: 'release-unsupported',
    title: 'a release that is not maintained any more',
    severity: 'advice',
    why: 'Faults found now are not mended in it.',
    todo: 'Upgrade to a maintained branch.',
    judge: (view) =>
      eachMember(
        view,
        ({ facts: { version } }) => version ?? { reason: 'its release is not told' },
        (version, source, member) =>
          isEndOfLife(version)
            ? { message: `${nameOf(member)} runs ${version}`, evidence: `version ${version}, ${source}` }
            : undefined,
      ),
  },
];
