import { parseConnectString } from '../client/connect-string.ts';
import type { ConnectionFlags } from './connecting.ts';
import { CONTEXT_NAME } from './contexts-check.ts';
import type { Prompts } from './prompts.ts';
import { isSecretReference } from './secrets.ts';

/** What `context add` knows and asks for. */
export interface Described extends ConnectionFlags {
  name?: string | undefined;
  protected?: boolean | undefined;
}

const REFERENCE = 'Where is it (env:NAME, file:PATH, cmd:COMMAND or prompt)?';

/** Asks a person for what is missing of a context; refuses with the first missing flag's name off a terminal. */
export async function askForContext(prompts: Prompts, known: Described): Promise<Described> {
  const name = known.name ?? (await prompts.input('Name of the context:', 'NAME', { validate: isName }));
  if (known.server !== undefined) return { ...known, name };
  const server = await prompts.input('Servers (host:port,host:port/chroot):', '--server', {
    fallback: 'localhost:2181',
    validate: isConnectString,
  });
  const described: Described = { ...known, name, server };
  if (known.tls !== true && known.ca === undefined && (await prompts.confirm('Connect with TLS?', '--tls'))) {
    described.tls = true;
    const ca = await prompts.input('PEM file of certificate authorities (empty: those of the system):', '--ca');
    if (ca !== '') described.ca = ca;
  }
  if (known.auth === undefined && known.sasl === undefined) Object.assign(described, await askForCredentials(prompts));
  if (known.protected !== true) {
    described.protected = await prompts.confirm(
      'Ask for its name before a znode in it is deleted or overwritten?',
      '--protected',
    );
  }
  return described;
}

async function askForCredentials(prompts: Prompts): Promise<Described> {
  const kind = await prompts.select('Credentials:', '--auth', [
    { value: 'none', name: 'none' },
    { value: 'digest', name: 'digest: user and password' },
    { value: 'sasl', name: 'SASL DIGEST-MD5: user and password' },
    { value: 'kerberos', name: 'SASL with Kerberos' },
  ]);
  if (kind === 'none') return {};
  if (kind === 'kerberos') return { sasl: 'kerberos' };
  const flag = kind === 'sasl' ? '--sasl' : '--auth';
  const user = await prompts.input('User:', flag, { validate: (text) => text !== '' || 'a name is needed' });
  const secret = await prompts.input(`The password is not stored. ${REFERENCE}`, flag, { validate: isReference });
  return kind === 'sasl' ? { sasl: `${user}:${secret}` } : { auth: [`digest:${user}:${secret}`] };
}

function isName(text: string): true | string {
  return CONTEXT_NAME.test(text) || 'letters, digits, and . _ @ - inside';
}

function isConnectString(text: string): true | string {
  try {
    parseConnectString(text);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isReference(text: string): true | string {
  return isSecretReference(text) || 'env:NAME, file:PATH, cmd:COMMAND or prompt';
}
