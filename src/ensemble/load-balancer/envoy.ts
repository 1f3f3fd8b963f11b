import type { Backend, Balancing } from './balancing.ts';
import { commentLines, nameOf } from './wording.ts';

/** An Envoy bootstrap of version 3 of its API, with one listener and one cluster. */
export function envoyConfig(balancing: Balancing): string {
  const { backends, idleTimeout, listen } = balancing;
  return `${[
    ...commentLines(balancing, 'envoy'),
    'static_resources:',
    '  listeners:',
    '    - name: zookeeper',
    '      address:',
    `        socket_address: { address: ${text(listen.host ?? '0.0.0.0')}, port_value: ${listen.port} }`,
    '      filter_chains:',
    '        - filters:',
    '            - name: envoy.filters.network.tcp_proxy',
    '              typed_config:',
    '                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    '                stat_prefix: zookeeper',
    '                cluster: zookeeper',
    '                # Twice the longest session timeout: what is silent longer is dead.',
    `                idle_timeout: ${Math.ceil(idleTimeout / 1000)}s`,
    '  clusters:',
    '    - name: zookeeper',
    '      type: STRICT_DNS',
    '      connect_timeout: 4s',
    '      lb_policy: LEAST_REQUEST',
    '      # A member that stops serving loses its connections at once, so that sessions move before they expire.',
    '      close_connections_on_host_health_failure: true',
    '      common_lb_config: { healthy_panic_threshold: { value: 0 } }',
    '      health_checks:',
    '        - timeout: 4s',
    '          interval: 2s',
    '          unhealthy_threshold: 2',
    '          healthy_threshold: 2',
    ...checkLines(balancing).map((line) => `          ${line}`),
    '      load_assignment:',
    '        cluster_name: zookeeper',
    '        endpoints:',
    '          - lb_endpoints:',
    ...backends.flatMap((backend) => endpoint(backend, balancing)),
  ].join('\n')}\n`;
}

/** Envoy looks for bytes one after the other, and knows no alternatives: srvr's role is left open then. */
function checkLines({ check, readOnly }: Balancing): string[] {
  if (check.kind === 'tcp') return ['tcp_health_check: {}'];
  if (check.kind === 'admin') {
    return [
      'http_health_check:',
      '  path: /commands/is_read_only',
      `  receive: [{ text: ${hex(readOnly ? '"read_only"' : '"read_only" : false')} }]`,
    ];
  }
  const found = check.kind === 'srvr' ? 'Mode: ' : readOnly ? 'r' : 'rw';
  return [
    'tcp_health_check:',
    `  send: { text: ${hex(check.send ?? '')} } # ${check.send}`,
    `  receive: [{ text: ${hex(found)} }] # ${found}`,
  ];
}

function endpoint(backend: Backend, { check }: Balancing): string[] {
  const port = check.kind === 'admin' && backend.admin !== undefined ? backend.admin.port : undefined;
  return [
    `              - endpoint: # ${nameOf(backend)}`,
    `                  address: { socket_address: { address: ${text(backend.host)}, port_value: ${backend.port} } }`,
    ...(port === undefined ? [] : [`                  health_check_config: { port_value: ${port} }`]),
  ];
}

/** Every JSON string is a YAML one. */
function text(value: string): string {
  return JSON.stringify(value);
}

function hex(value: string): string {
  return text(Buffer.from(value, 'latin1').toString('hex'));
}
