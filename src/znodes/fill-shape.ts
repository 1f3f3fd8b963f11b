import { UsageError } from '../protocol/errors.ts';

/** How the znodes of a made-up tree hang together, by number: 0 is the root they are made below, 1 the first of them. */
export interface Shape {
  readonly count: number;
  /** Of the deepest, the root being 0. */
  readonly depth: number;
  /** Children of a znode at most; for a random shape how many one happens to have. */
  readonly widest: number;
  /** Always a smaller number: parents come first. */
  parentOf(index: number): number;
  /** Which of its parent's children, from 0. */
  placeOf(index: number): number;
  isLeaf(index: number): boolean;
}

/** What is asked of a full tree; any two say the third. */
export interface FullSize {
  count?: number | undefined;
  depth?: number | undefined;
  fanout?: number | undefined;
}

const DEFAULT_COUNT = 1000;
const DEFAULT_DEPTH = 3;
/** Ten minutes of filling, and far more than a server holds. */
const MOST = 100_000_000;

/**
 * A tree filled level by level, every znode with `fanout` children until there are `count`.
 *
 * @throws UsageError code `BAD_USAGE` where the three contradict each other
 */
export function fullShape({ count, depth, fanout }: FullSize): Shape {
  const both = depth !== undefined && fanout !== undefined;
  const znodes = bounded(count ?? (both ? fullCount(fanout, depth) : DEFAULT_COUNT));
  const width = fanout ?? smallestFanout(znodes, depth ?? DEFAULT_DEPTH);
  if (both && fullCount(fanout, depth) < znodes) {
    throw new UsageError(`a tree of depth ${depth} and fan-out ${fanout} holds ${fullCount(fanout, depth)} znodes`, {
      hint: `That is less than ${znodes}: give two of count, depth and fan-out, not all three.`,
    });
  }
  const parentOf = (index: number) => Math.floor((index - 1) / width);
  return {
    count: znodes,
    depth: depthOf(znodes, parentOf),
    widest: Math.min(width, znodes),
    parentOf,
    placeOf: (index) => (index - 1) % width,
    isLeaf: (index) => index * width + 1 > znodes,
  };
}

/**
 * A tree where each znode's parent is drawn from all those before it: bushy at the top, with long branches. Nine bytes of
 * memory a znode.
 */
export function randomShape(
  count: number | undefined,
  depth: number | undefined,
  draw: (index: number) => number,
): Shape {
  const znodes = bounded(count ?? DEFAULT_COUNT);
  const deepest = depth ?? Number.POSITIVE_INFINITY;
  const parents = new Uint32Array(znodes + 1);
  const places = new Uint32Array(znodes + 1);
  const children = new Uint32Array(znodes + 1);
  const depths = new Uint16Array(znodes + 1);
  for (let index = 1; index <= znodes; index++) {
    let parent = Math.floor(draw(index) * index);
    while ((depths[parent] ?? 0) >= deepest) parent = parents[parent] ?? 0;
    parents[index] = parent;
    depths[index] = (depths[parent] ?? 0) + 1;
    places[index] = children[parent] ?? 0;
    children[parent] = (children[parent] ?? 0) + 1;
  }
  return {
    count: znodes,
    depth: depths.reduce((most, at) => Math.max(most, at), 0),
    widest: children.reduce((most, n) => Math.max(most, n), 0),
    parentOf: (index) => parents[index] ?? 0,
    placeOf: (index) => places[index] ?? 0,
    isLeaf: (index) => children[index] === 0,
  };
}

/** Znodes below the root of a full tree. */
function fullCount(fanout: number, depth: number): number {
  return fanout === 1 ? depth : (fanout ** (depth + 1) - fanout) / (fanout - 1);
}

function smallestFanout(count: number, depth: number): number {
  let low = 1;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fullCount(middle, depth) < count) low = middle + 1;
    else high = middle;
  }
  return low;
}

function depthOf(index: number, parentOf: (index: number) => number): number {
  let depth = 0;
  for (let at = index; at > 0; at = parentOf(at)) depth += 1;
  return depth;
}

function bounded(count: number): number {
  if (count <= MOST) return count;
  throw new UsageError(`that would be ${count.toLocaleString('en-US')} znodes`, {
    hint: `Nothing was changed. ${MOST.toLocaleString('en-US')} is the most at once.`,
  });
}
