import { LOAD_BALANCING, LoadBalancerCommand, loadBalancerFlags } from '../../src/cli/load-balancer-command.ts';
import { envoyConfig } from '../../src/ensemble/load-balancer/envoy.ts';

export default class LbEnvoy extends LoadBalancerCommand<typeof LbEnvoy> {
  static override summary = 'print a configuration of Envoy for the members of the ensemble';
  static override description =
    `A bootstrap with one listener and one cluster (API version 3): the fewest connections first, a check every two seconds, and the
connections of a member that fails it are closed at once. It is checked for its form in the tests, not against an Envoy.

${LOAD_BALANCING}`;
  static override examples = [
    '<%= config.bin %> lb envoy > envoy.yaml',
    '<%= config.bin %> lb envoy --listen 10.0.0.5:2181 --observers only',
  ];
  static override flags = loadBalancerFlags;

  protected readonly print = envoyConfig;
}
