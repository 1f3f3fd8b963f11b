import type { ServerLine } from '../ensemble/server-line.ts';
import { withLock } from './file-lock.ts';
import { holdPorts, releasePorts } from './ports.ts';
import { portsOf, requireMember, requireRecord, writeRecord } from './record.ts';
import { type EnsembleRef, ensembleDirectory, lockFile } from './spec.ts';

const LOCK_TIMEOUT = 60_000;

/** Keeps where a member listens from now on: it was given other ports by a reconfiguration. @throws as `requireMember` does */
export function recordMove(ref: EnsembleRef, line: ServerLine): Promise<void> {
  return withLock(lockFile(ref), LOCK_TIMEOUT, async () => {
    const record = await requireRecord(ref);
    const member = requireMember(record, Number(line.id));
    const [address] = line.addresses;
    if (address === undefined || line.client === undefined) return;
    const before = portsOf(member);
    const { host, quorumPort, electionPort } = address;
    Object.assign(member, { host, quorumPort, electionPort, clientPort: line.client.port });
    const after = portsOf(member);
    const directory = ensembleDirectory(ref);
    await holdPorts(after, directory);
    await writeRecord(record);
    await releasePorts(
      before.filter((port) => !after.includes(port)),
      directory,
    );
  });
}
