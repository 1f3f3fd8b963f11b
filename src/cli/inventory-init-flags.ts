import * as Flags from '@oclif/core/flags';
import { REACHES } from '../inventory/draft.ts';

/** What `member inventory --init` writes a first ensemble file from. It is done once: no environment variables. */
export const initFlags = {
  init: Flags.boolean({ description: 'write a first ensemble file', exclusive: ['check', 'ensemble'] }),
  force: Flags.boolean({ description: 'with --init, replace the file', dependsOn: ['init'] }),
  save: Flags.boolean({ description: 'with --init, name the file in the context', dependsOn: ['init'] }),
  from: Flags.string({
    helpValue: '<zoo.cfg>',
    description: 'with --init, take the server lines from this file, not from the committed configuration',
    dependsOn: ['init'],
  }),
  reach: Flags.string({
    options: Object.keys(REACHES),
    description: 'how the machines are reached',
    dependsOn: ['init'],
  }),
  'ssh-user': Flags.string({ helpValue: '<name>', description: 'user there', dependsOn: ['init'] }),
  'ssh-jump': Flags.string({ helpValue: '<host>', description: 'host to go through', dependsOn: ['init'] }),
  sudo: Flags.boolean({ description: 'commands there need sudo', dependsOn: ['init'] }),
  container: Flags.string({ helpValue: '<name>', description: 'container, such as zk{id}', dependsOn: ['init'] }),
  pod: Flags.string({ helpValue: '<name>', description: 'pod, such as zookeeper-{ordinal}', dependsOn: ['init'] }),
  namespace: Flags.string({ helpValue: '<name>', description: 'namespace of the pods', dependsOn: ['init'] }),
  run: Flags.string({
    helpValue: '<command>',
    description: 'command line that runs {command} on {host}',
    dependsOn: ['init'],
  }),
  service: Flags.string({
    helpValue: '<systemd:UNIT>',
    description: 'what starts and stops the servers: systemd:UNIT or zkServer:PATH',
    dependsOn: ['init'],
  }),
  'zoo-cfg': Flags.string({
    helpValue: '<path>',
    description: 'path of zoo.cfg on the machines, {id} being the id of the member',
    dependsOn: ['init'],
  }),
};
