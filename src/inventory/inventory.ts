import type { ServerLine } from '../ensemble/server-line.ts';
import { commandHost } from '../hosts/command-host.ts';
import { dockerHost } from '../hosts/docker-host.ts';
import type { HostDriver, Service } from '../hosts/host.ts';
import { kubernetesHost } from '../hosts/kubernetes-host.ts';
import { localHost } from '../hosts/local-host.ts';
import type { ServiceHost } from '../hosts/posix-host.ts';
import { type ServedMember, serviceOf } from '../hosts/service-of.ts';
import { sshHost } from '../hosts/ssh-host.ts';
import type { EnsembleSetting, FileSettings, MemberSetting } from './settings.ts';

/** A member, and how its machine is reached. */
export interface InventoryMember {
  id: bigint;
  /** As the inventory has it; the committed configuration may differ, see `driftOf`. */
  line: ServerLine;
  /** Makes the driver; close it when done. Nothing is connected before its first call. */
  openHost(): HostDriver;
  files: FileSettings;
}

/** The machines of an ensemble. */
export interface Inventory {
  name: string;
  /** `file` is an ensemble file, `local` the record of a local ensemble. */
  source: { kind: 'file'; path: string } | { kind: 'local'; path: string };
  /** The context that an ensemble file names. */
  context: string | undefined;
  members: readonly InventoryMember[];
  /** Keeps the new line of a member that was moved; an ensemble file is kept by its person. */
  keepMove?(line: ServerLine): Promise<void>;
}

/** What an ensemble file describes. */
export function inventoryOf({ name, context, members }: EnsembleSetting, path: string): Inventory {
  return {
    name,
    source: { kind: 'file', path },
    context,
    members: members.map((member) => ({
      id: member.id,
      line: member.line,
      files: member.files,
      openHost: () => hostOf(member),
    })),
  };
}

function hostOf({ id, line, host, service, files }: MemberSetting): HostDriver {
  const member: ServedMember = { id: `${id}`, host: line.addresses[0]?.host ?? `${id}`, config: files.config };
  const controlled = (there: ServiceHost): Service => serviceOf(there, service, member);
  if (host.kind === 'ssh') return sshHost(host, controlled);
  if (host.kind === 'docker') return dockerHost(host);
  if (host.kind === 'kubernetes') return kubernetesHost(host);
  if (host.kind === 'local') return localHost({ sudo: host.sudo, service: controlled });
  const { start, stop, restart, status } = host;
  if (start === undefined || stop === undefined || status === undefined) return commandHost(host, member, controlled);
  // They are command lines of this machine, whatever runs the server there.
  const here = (there: ServiceHost): Service =>
    localHost({ name: there.name, service: (own) => serviceOf(own, { start, stop, restart, status }, member) }).service;
  return commandHost(host, member, here);
}
