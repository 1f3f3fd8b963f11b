import { claimPorts } from '../../src/local/ports.ts';
import type { Place } from './scripted-ensemble.ts';

/** Places for that many servers on loopback; their ports are claimed as long as the directory exists. */
export async function loopbackPlaces(count: number, directory: string): Promise<Place[]> {
  const places: Place[] = [];
  for (let id = 1; id <= count; id += 1) {
    const [clientPort = 0, quorumPort = 0, electionPort = 0] = await claimPorts('127.0.0.1', 3, directory);
    places.push({ id, host: '127.0.0.1', clientPort, quorumPort, electionPort });
  }
  return places;
}
