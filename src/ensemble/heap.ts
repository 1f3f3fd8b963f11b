import type { Further } from './further.ts';

/** Of a znode on the heap besides its path and data: DataNode, Stat, maps, the strings' headers; bytes, as reckoned. */
export const ZNODE_ON_HEAP = 500;

/**
 * The greatest heap of a server in bytes, and who told it; about -Xmx, less what some garbage collectors keep for
 * themselves. Up to 3.9 it goes by the name `os.memory.max`, later `jvm.memory.max`; 3.4 does not tell it.
 *
 * @param further what was answered to the wishes `envi` and `environment`
 */
export function maxHeapOf({ words, admin }: Further): { value: number; source: string } | undefined {
  const fields = admin.get('environment');
  const text = words.get('envi') ?? '';
  for (const name of ['jvm.memory.max', 'os.memory.max']) {
    const ofAdmin = megabytes(fields?.[name]);
    if (ofAdmin !== undefined) return { value: ofAdmin, source: 'admin:environment' };
    const ofWord = megabytes(new RegExp(`^${name.replaceAll('.', '\\.')}=(.*)$`, 'm').exec(text)?.[1]);
    if (ofWord !== undefined) return { value: ofWord, source: '4lw:envi' };
  }
  return undefined;
}

function megabytes(value: unknown): number | undefined {
  const [, number] = /^(\d{1,9})MB$/.exec(typeof value === 'string' ? value.trim() : '') ?? [];
  return number === undefined || Number(number) === 0 ? undefined : Number(number) * 1024 * 1024;
}
