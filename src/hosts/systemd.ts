import type { Service, ServiceStatus } from './host.ts';
import { endOf } from './host-error.ts';
import type { ServiceHost } from './posix-host.ts';
import { scriptedService } from './service.ts';

const SYSTEMCTL = 'exec systemctl --no-pager --no-ask-password';
/** The times systemd prints are in the zone and language of the host; those since the start of the kernel are numbers. */
const STATUS = `systemctl --no-pager show "$1" -p LoadState -p ActiveState -p SubState -p Result -p MainPID \
-p StateChangeTimestampMonotonic || exit 1
echo "Uptime=$(cat /proc/uptime)"
echo "Now=$(date +%s)"`;

/** A server that is a unit of systemd. */
export function systemdService(host: ServiceHost, unit: string): Service {
  const name = /\.\w+$/.test(unit) ? unit : `${unit}.service`;
  const what = `systemd unit ${name}`;
  const deed = (verb: string): readonly [string, ...string[]] => [`${SYSTEMCTL} ${verb} "$1"`, name];
  return scriptedService(host, {
    what,
    deeds: { start: deed('start'), stop: deed('stop'), restart: deed('restart') },
    status: [STATUS, name],
    read: (code, stdout, stderr) =>
      code === 0 ? parseUnit(stdout) : { state: 'unknown', detail: endOf(stderr) || `exit code ${code}` },
  });
}

/** Reads what `systemctl show` prints. */
export function parseUnit(text: string): ServiceStatus {
  const of = new Map(text.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  const active = of.get('ActiveState') ?? '';
  const detail = `${active} (${of.get('SubState') ?? ''})`;
  if (of.get('LoadState') === 'not-found') return { state: 'unknown', detail: 'there is no such unit' };
  if (of.get('LoadState') === 'masked') return { state: 'stopped', detail: 'the unit is masked' };
  const pid = Number(of.get('MainPID'));
  const changed = Number(of.get('StateChangeTimestampMonotonic')) / 1000;
  const [uptime, now] = [Number.parseFloat(of.get('Uptime') ?? '') * 1000, Number(of.get('Now')) * 1000];
  const since = changed > 0 ? Math.round(now - uptime + changed) : Number.NaN;
  const result = of.get('Result');
  return {
    state: stateOf(active),
    ...(pid > 0 ? { pid } : {}),
    ...(Number.isFinite(since) ? { since } : {}),
    detail: active === 'failed' && result !== undefined ? `${detail}: ${result}` : detail,
  };
}

/** On its way up or down it is neither, and a unit that is restarted again and again is always on its way. */
function stateOf(active: string): ServiceStatus['state'] {
  if (active === 'active' || active === 'reloading') return 'running';
  if (active === 'inactive') return 'stopped';
  return active === 'failed' ? 'failed' : 'unknown';
}
