import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, loadContexts, updateContexts } from '../../src/cli/contexts.ts';
import { DEFAULT_NAME } from '../../src/local/choose.ts';
import { clientSettings, isLocalNote } from '../../src/local/client-settings.ts';
import type { LocalEnsemble } from '../../src/local/description.ts';
import { upOrFind } from '../../src/local/ensemble.ts';
import { defaultStateDir } from '../../src/local/spec.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';
import { nameArg } from './status.ts';

interface Result extends LocalEnsemble {
  created: boolean;
}

export default class LocalUp extends ZkshCommand<Result, typeof LocalUp> {
  static override summary = 'start a throw-away ensemble of real ZooKeeper servers on this machine';
  static override description =
    `Returns when all servers serve and agree on a leader; an ensemble of that name that stands is found, and its dead members
are started. A context of its name is made and used. ZooKeeper is looked for in --zookeeper-home, zksh's cache, Debian's
jars and Homebrew; a --version that is not there is fetched by Maven.

With --tls it makes a certificate authority and certificates of servers and client; with --sasl, which takes no value
here, a user zksh with a fresh password. Both lie below the ensemble's directory, in tls/ and sasl/zksh.secret, readable by
you alone; "local status NAME -o json" shows their paths. The context has them all: connect with -C NAME.

JSON: what "local status" shows, without what the servers say of themselves, and created.`;
  static override examples = [
    '<%= config.bin %> local up',
    '<%= config.bin %> local up lab --servers 5 --observers 1',
    '<%= config.bin %> local up old --servers 1 --version 3.5.10',
    '<%= config.bin %> local up secure --servers 1 --tls --sasl',
  ];
  static override args = nameArg;
  static override flags = {
    servers: Flags.integer({ helpValue: '<n>', description: 'voting servers, 3 by default; 1 is a standalone server' }),
    observers: Flags.integer({ helpValue: '<n>', description: 'servers that follow without a vote' }),
    version: Flags.string({ helpValue: '<3.x.y>', description: 'release to run' }),
    'zookeeper-home': Flags.string({
      env: 'ZOOKEEPER_HOME',
      helpValue: '<dir>',
      description: 'unpacked release to run',
    }),
    tls: Flags.boolean({ description: 'open secure ports with mutual TLS, and make a client certificate' }),
    sasl: Flags.boolean({ description: 'let clients log in by SASL DIGEST-MD5 as the user zksh; takes no value' }),
    bare: Flags.boolean({ description: 'production defaults: only srvr, no reconfiguration, no TTL nodes' }),
  };

  protected readonly view: View<Result> = {
    text: ({ name, members, version, created, connectString }, style) =>
      `${style.paint('good', created ? 'started' : 'found')} ${style.paint('name', name)}: ${members.length} ${
        members.length === 1 ? 'server' : 'servers'
      } of ZooKeeper ${version} at ${connectString}, now the current context`,
  };

  protected async execute(): Promise<Result> {
    const { name = DEFAULT_NAME } = this.args;
    const { servers, observers, version, bare } = this.flags;
    const file = contextsFile(this.io.env);
    const standing = (await loadContexts(file)).contexts[name];
    if (standing !== undefined && !isLocalNote(standing.note, name)) throw contextTaken(name);
    const spec = {
      name,
      servers,
      observers,
      version,
      zookeeperHome: this.flags['zookeeper-home'],
      // The global flags of these names say how to connect, and their environment variables mean that too.
      tls: this.typed('tls') ? true : undefined,
      sasl: this.typed('sasl') ? true : undefined,
      bare: bare ? true : undefined,
      stateDir: defaultStateDir(this.io.env),
    };
    const { ensemble, created } = await upOrFind(spec, (line) => this.note(line), this.signal);
    const context = clientSettings(ensemble);
    await updateContexts(file, ({ contexts }) => ({ current: name, contexts: { ...contexts, [name]: context } }));
    return { ...ensemble, created };
  }
}

function contextTaken(name: string): ZkshError {
  return new ZkshError(`there is a context ${name} already, and it is not of a local ensemble`, {
    code: 'CONTEXT_EXISTS',
    exitCode: ExitCode.conflict,
    hint: 'Choose another name, or remove the context with: zksh context remove',
  });
}
