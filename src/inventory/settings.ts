import type { ServerLine } from '../ensemble/server-line.ts';
import type { CommandSettings } from '../hosts/command-host.ts';
import type { DockerSettings } from '../hosts/docker-host.ts';
import type { KubernetesSettings } from '../hosts/kubernetes-host.ts';
import type { ServiceSetting } from '../hosts/service.ts';
import type { SshSettings } from '../hosts/ssh-settings.ts';
import type { Sudo } from '../hosts/sudo.ts';

/** How the machine of a member is reached. */
export type HostSetting =
  | { kind: 'local'; sudo?: Sudo | undefined }
  | ({ kind: 'ssh' } & SshSettings)
  | ({ kind: 'docker' } & DockerSettings)
  | ({ kind: 'kubernetes' } & KubernetesSettings)
  | ({ kind: 'commands' } & CommandSettings);

/** Where the files of a member are on its machine; absolute paths. */
export interface FileSettings {
  /** Its zoo.cfg. */
  config: string;
  /** Else as zoo.cfg says. */
  dataDir?: string | undefined;
  dataLogDir?: string | undefined;
  /** The log of the server, for the end of it when the server does not come back. */
  log?: string | undefined;
}

/** A member as an ensemble file describes it, with the defaults put in. */
export interface MemberSetting {
  id: bigint;
  line: ServerLine;
  host: HostSetting;
  service: ServiceSetting | undefined;
  files: FileSettings;
}

/** An ensemble file. */
export interface EnsembleSetting {
  name: string;
  /** The context that says how its clients connect. */
  context: string | undefined;
  members: readonly MemberSetting[];
}
