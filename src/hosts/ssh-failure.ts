import { ExitCode } from '../protocol/errors.ts';
import { endOf } from './host-error.ts';

/** Why a connection by ssh was not had, or was lost. */
export interface SshFailure {
  code:
    | 'BAD_SSH_CONFIG'
    | 'HOST_KEY_CHANGED'
    | 'HOST_KEY_UNKNOWN'
    | 'HOST_LOGIN_REFUSED'
    | 'HOST_UNREACHABLE'
    | 'HOST_NO_SHELL';
  exitCode: ExitCode;
  message: string;
  hint: string;
}

/** Reads what ssh wrote before it gave up. Its words are the same in every language. */
export function sshFailure(stderr: string): SshFailure {
  const said = endOf(stderr.replace(/^\*{3}.*$|^@.*@$/gm, ''));
  if (/HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed|REVOKED HOST KEY/.test(stderr)) {
    const [, file] = /^Offending .* key in (.+)$/m.exec(stderr) ?? [];
    return {
      code: 'HOST_KEY_CHANGED',
      exitCode: ExitCode.refused,
      message: `it shows another host key than the one known${file === undefined ? '' : ` (${file.trim()})`}`,
      hint: 'Somebody may be in between. If the host was set up anew, remove the old key with ssh-keygen -R and check the new one.',
    };
  }
  if (/Host key verification failed|host key is known for/.test(stderr)) {
    return {
      code: 'HOST_KEY_UNKNOWN',
      exitCode: ExitCode.refused,
      message: 'its host key is not known',
      hint: 'Log in once by hand and check the key, or add it to known_hosts; hostKeys: accept-new believes the first one seen.',
    };
  }
  if (/Permission denied|Too many authentication failures|no mutual signature|Load key/i.test(stderr)) {
    return {
      code: 'HOST_LOGIN_REFUSED',
      exitCode: ExitCode.refused,
      message: `the login was refused: ${said}`,
      hint: 'Check user and identity; ssh must log in without asking (a key, or an agent).',
    };
  }
  if (/Bad owner or permissions|bad configuration option|no argument after keyword|extra arguments/i.test(stderr)) {
    return {
      code: 'BAD_SSH_CONFIG',
      exitCode: ExitCode.usage,
      message: `ssh does not take its configuration: ${said}`,
      hint: 'Correct that file, or name another one with config in the ensemble file.',
    };
  }
  return {
    code: 'HOST_UNREACHABLE',
    exitCode: ExitCode.connection,
    message: `it can't be reached: ${said === '' ? 'ssh ended without a word' : said}`,
    hint: 'Check name, port and jump hosts, and that the host is up.',
  };
}
