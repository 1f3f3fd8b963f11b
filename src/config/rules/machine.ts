import { settingOf } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { hitAt, type Rule, when } from './rule.ts';

const MIB = 1024 * 1024;
/** The share of a machine's memory that a heap may take: the rest is for threads, buffers and the page cache. */
const HEAP_SHARE = 0.75;

/** Rules about the machine a server is on: for files whose dataDir is here. */
export const MACHINE_RULES: readonly Rule[] = [
  {
    id: 'log-on-data-device',
    severity: 'advice',
    needs: 'machine',
    summary: 'dataLogDir on the device of dataDir',
    why: 'A directory of its own is not a disk of its own: every write waits for the log to reach the device, and while a snapshot is written to it, it waits longer.',
    reference: guide('adv'),
    check: (subject) => {
      const { member } = subject;
      const [data, log] = [settingOf(member, 'dataDir')?.value, settingOf(member, 'dataLogDir')?.value];
      return when(member.machine?.oneDevice === true && log !== undefined && log !== data, () =>
        hitAt(subject, 'dataLogDir', `${log} is on the device of ${data}`),
      );
    },
  },
  {
    id: 'heap-over-memory',
    severity: 'warning',
    needs: 'machine',
    summary: 'a heap over three quarters of the memory',
    why: 'What does not fit into memory is swapped out, and a garbage collection over swapped memory takes minutes, in which the server is taken for dead.',
    check: ({ member: { machine } }) => {
      const { heap, memory } = machine ?? {};
      if (heap === undefined || memory === undefined || heap <= HEAP_SHARE * memory) return [];
      return [{ message: `the heap is ${mib(heap)} of the ${mib(memory)} of this machine` }];
    },
  },
  {
    id: 'heap-under-snapshot',
    severity: 'warning',
    needs: 'machine',
    summary: 'a heap under three times the newest snapshot',
    why: 'All data of a snapshot are in memory, with objects around them, and garbage collection needs room beside them.',
    check: ({ member: { machine } }) => {
      const { heap, snapshot } = machine ?? {};
      if (heap === undefined || snapshot === undefined || heap >= 3 * snapshot) return [];
      const fix = `SERVER_JVMFLAGS="-Xmx${Math.ceil((3 * snapshot) / MIB) + 256}m" in java.env`;
      return [{ message: `the heap is ${mib(heap)}, the newest snapshot ${mib(snapshot)}`, fix }];
    },
  },
];

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
