import { isAtOrBelow } from '../protocol/paths.ts';

/**
 * Turns a depth-first walk round: a znode comes after all that is below it, when nothing more of it is going to be read.
 * Holds no more than one branch, whatever the size of the tree.
 */
export async function* childrenFirst<Z extends { readonly path: string }>(
  walked: AsyncIterable<readonly Z[]>,
): AsyncGenerator<Z> {
  const open: Z[] = [];
  for await (const batch of walked) {
    for (const znode of batch) {
      for (let top = open.at(-1); top !== undefined && !isAtOrBelow(znode.path, top.path); top = open.at(-1)) {
        open.pop();
        yield top;
      }
      open.push(znode);
    }
  }
  for (let top = open.pop(); top !== undefined; top = open.pop()) yield top;
}
