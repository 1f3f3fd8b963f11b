import { cpus, release, totalmem, type } from 'node:os';

/** What figures depend on, as far as it can be told. */
export function describeMachine(): string {
  const processors = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return `${processors.length} × ${model}, ${gib} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}
