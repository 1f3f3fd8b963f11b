import { onTestFinished } from 'vitest';
import { type BridgedHost, type BridgedHosts, bridgedHosts } from './bridged-hosts.ts';
import { type Operated, operated } from './operated.ts';
import { scriptedEnsemble, tellLogsOf } from './scripted-ensemble.ts';

/** An ensemble whose servers are each on a machine of its own, which is reached by ssh. */
export interface Distant extends Operated {
  network: BridgedHosts;
  host(id: number): BridgedHost;
}

/** So many machines for one test, with a server on those that are named; all of it is gone when the test ends. */
export async function overSsh(count: number, first: readonly number[]): Promise<Distant> {
  const network = await bridgedHosts(count);
  onTestFinished(() => network.remove());
  const host = (id: number): BridgedHost => {
    const found = network.hosts[id - 1];
    if (found === undefined) throw new Error(`there is no machine ${id}`);
    return found;
  };
  const ids = network.hosts.map((_, i) => i + 1);
  const places = ids.map((id) => ({
    id,
    host: host(id).address,
    clientPort: 2181,
    quorumPort: 2888,
    electionPort: 3888,
  }));
  const { directory } = network;
  // Others use the machine, too: a login may take its time.
  const ssh = { ...network.ssh, connectTimeout: '60s' };
  const ensemble = await scriptedEnsemble({ name: 'far', directory, places, members: first, host: { ssh } });
  tellLogsOf(ensemble, ids);
  return { ...(await operated(ensemble, first, (id, argv) => network.run(host(id), argv))), network, host };
}
