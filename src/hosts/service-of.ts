import type { Service } from './host.ts';
import type { ServiceHost } from './posix-host.ts';
import { lsbStatus, noService, type ServiceSetting, scriptedService } from './service.ts';
import { systemdService } from './systemd.ts';
import { fillTemplate } from './template.ts';
import { zkServerService } from './zk-server-script.ts';

/** Who the server is, for commands that are made from templates. */
export interface ServedMember {
  id: string;
  host: string;
  /** Its zoo.cfg. */
  config: string;
}

/** The placeholders of start, stop, restart and status. */
export const SERVICE_PLACEHOLDERS = ['id', 'host', 'config'] as const;

/** The service of a member as its setting says, run by the shell of its host. */
export function serviceOf(host: ServiceHost, setting: ServiceSetting | undefined, member: ServedMember): Service {
  if (setting === undefined) {
    return noService(
      host.name,
      'the ensemble file does not say how to control the server',
      'Add service: {systemd: UNIT}, {zkServer: PATH} or {start: …, stop: …, status: …}.',
    );
  }
  if ('systemd' in setting) return systemdService(host, setting.systemd);
  if ('zkServer' in setting) return zkServerService(host, { ...setting, config: setting.config ?? member.config });
  const fill = (template: string): string => fillTemplate(template, { ...member });
  const [start, stop] = [fill(setting.start), fill(setting.stop)];
  const restart = setting.restart === undefined ? `{ ${stop}\n} && { ${start}\n}` : fill(setting.restart);
  return scriptedService(host, {
    what: `\`${setting.start}\``,
    deeds: { start: [start], stop: [stop], restart: [restart] },
    status: [fill(setting.status)],
    read: lsbStatus,
  });
}
