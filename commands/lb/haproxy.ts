import { LOAD_BALANCING, LoadBalancerCommand, loadBalancerFlags } from '../../src/cli/load-balancer-command.ts';
import { haproxyConfig } from '../../src/ensemble/load-balancer/haproxy.ts';

export default class LbHaproxy extends LoadBalancerCommand<typeof LbHaproxy> {
  static override summary = 'print a configuration of HAProxy for the members of the ensemble';
  static override description =
    `In TCP mode, for HAProxy 2.2 and later: the fewest connections first, a check every two seconds, and the connections of a member
that fails it are closed at once.

${LOAD_BALANCING}`;
  static override examples = [
    '<%= config.bin %> lb haproxy > /etc/haproxy/haproxy.cfg',
    '<%= config.bin %> lb haproxy --listen 10.0.0.5:2181 --observers only',
  ];
  static override flags = loadBalancerFlags;

  protected readonly print = haproxyConfig;
}
