import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What figures depend on, as far as it can be told. */
export function describeMachine(): string {
  const processors = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return `${processors.length} × ${model}, ${gib} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** Work that others had the machine do before the bench began: the figures are theirs as well then. */
export function describeLoad(): string | undefined {
  const [lately = 0] = loadavg();
  return lately < 0.5
    ? undefined
    : `The machine was at work for others: load average ${lately.toFixed(1)} at the start`;
}
