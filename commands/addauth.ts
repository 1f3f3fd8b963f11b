import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { resolveAuth } from '../src/cli/connecting.ts';
import type { View } from '../src/output/view.ts';

/** Named as missing where nobody can be asked. */
const DIGEST_SECRET = 'the secret (user:env:NAME or user:file:PATH)';

interface Result {
  scheme: string;
}

export default class AddAuth extends ZkshCommand<Result, typeof AddAuth> {
  static override summary = 'authenticate this session';
  static override description =
    `The identity is added to those the session has, until it ends. Outside the shell the session ends with the command:
give --auth to the command that needs it instead.

The secret can be named rather than written: user:env:NAME, user:file:PATH, user:cmd:COMMAND, user:prompt, or the same
without user: where it yields user:password. Where digest's is left out, a terminal is asked for it.
Written in clear it is taken with a warning, and kept out of the history.

JSON: {scheme}.`;
  static override examples = [
    '<%= config.bin %> addauth digest ops:env:OPS_PASSWORD',
    '<%= config.bin %> addauth digest ops:prompt',
    '<%= config.bin %> addauth digest file:/run/secrets/zookeeper',
  ];
  static override args = {
    scheme: Args.string({ required: true, description: 'scheme, such as digest' }),
    auth: Args.string({ description: 'what the scheme asks for: user:password for digest, the secret by reference' }),
  };

  protected readonly view: View<Result> = { text: () => undefined };

  protected async execute(): Promise<Result> {
    const { scheme, auth } = this.args;
    const secret = await this.#secret(scheme, auth);
    const client = await this.client();
    await client.addAuth(scheme, secret);
    return { scheme };
  }

  async #secret(scheme: string, auth: string | undefined): Promise<string> {
    // A digest without a password is one that any other user can give too.
    const incomplete = auth === undefined || !(auth.includes(':') || auth === 'prompt');
    if (scheme === 'digest' && incomplete) return this.#askDigest(auth);
    return auth === undefined ? '' : (await resolveAuth(`${scheme}:${auth}`, this.secrets)).auth;
  }

  async #askDigest(given: string | undefined): Promise<string> {
    const user = given ?? (await this.prompts.input('User:', DIGEST_SECRET));
    return `${user}:${await this.prompts.password(`Password of ${user}:`, DIGEST_SECRET)}`;
  }
}
