import { LOAD_BALANCING, LoadBalancerCommand, loadBalancerFlags } from '../../src/cli/load-balancer-command.ts';
import { nginxConfig } from '../../src/ensemble/load-balancer/nginx.ts';

export default class LbNginx extends LoadBalancerCommand<typeof LbNginx> {
  static override summary = 'print a configuration of nginx for the members of the ensemble';
  static override description =
    `The stream block, which stands beside the http block: the fewest connections first. Free nginx does not ask members: it only sees
connections that fail.

${LOAD_BALANCING}`;
  static override examples = [
    '<%= config.bin %> lb nginx > /etc/nginx/zookeeper.conf',
    '<%= config.bin %> lb nginx --listen 10.0.0.5:2181 --observers only',
  ];
  static override flags = loadBalancerFlags;

  protected readonly print = nginxConfig;
}
