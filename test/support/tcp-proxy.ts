import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** `up` is client to server, `down` is server to client. */
export type Direction = 'up' | 'down';

export interface Target {
  host?: string;
  port: number;
}

/**
 * A TCP proxy on a free loopback port that makes the network fail on command.
 *
 *     const proxy = await TcpProxy.start({ port: member.clientPort });
 *     connect(`127.0.0.1:${proxy.port}`)
 *     proxy.pause('down')      // one-way stall: bytes of that direction are held, the connections stay open
 *     proxy.pause()            // both ways; TCP sees no error, like a cable pulled or a firewall that drops
 *     proxy.resume()           // what was held goes on, in order
 *     proxy.cut()              // every connection reset now; new ones are still taken
 *     proxy.close('down')      // half-close: the peer of that direction gets an orderly end
 *     proxy.refuse()           // no new connections (reset at accept); accept() takes them again
 *     proxy.swallow()          // new connections are accepted and never answered (nothing dialled)
 *     proxy.delay(50, 'down')  // milliseconds added to each chunk of that direction, order kept
 *     proxy.retarget({ port }) // new connections go elsewhere; those that stand are not moved
 *     await proxy.stop()
 *
 * What it saw: `accepted` (connections ever), `open` (standing now), `bytes.up` / `bytes.down` forwarded.
 */
export class TcpProxy {
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 };
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #paused: Record<Direction, boolean> = { up: false, down: false };
  readonly #delays: Record<Direction, number> = { up: 0, down: 0 };
  #target: Target;
  #admission: 'accept' | 'refuse' | 'swallow' = 'accept';
  #accepted = 0;

  private constructor(target: Target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket));
  }

  /** Listens on a free port of 127.0.0.1, or where `at` says: the same port on another loopback address, say. */
  static async start(target: Target, at: { host?: string; port?: number } = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(at.port ?? 0, at.host ?? '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get open(): number {
    return this.#links.size;
  }

  pause(direction?: Direction): void {
    for (const each of directions(direction)) this.#paused[each] = true;
  }

  resume(direction?: Direction): void {
    for (const each of directions(direction)) this.#paused[each] = false;
    for (const link of this.#links) link.flush();
  }

  delay(milliseconds: number, direction?: Direction): void {
    for (const each of directions(direction)) this.#delays[each] = milliseconds;
  }

  cut(): void {
    for (const link of this.#links) link.reset();
  }

  close(direction: Direction): void {
    for (const link of this.#links) link.end(direction);
  }

  refuse(): void {
    this.#admission = 'refuse';
  }

  swallow(): void {
    this.#admission = 'swallow';
  }

  accept(): void {
    this.#admission = 'accept';
  }

  retarget(target: Target): void {
    this.#target = target;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #admit(near: Socket): void {
    this.#accepted += 1;
    near.on('error', () => {});
    if (this.#admission === 'refuse') {
      near.resetAndDestroy();
      return;
    }
    const far =
      this.#admission === 'swallow'
        ? undefined
        : connect({ host: this.#target.host ?? '127.0.0.1', port: this.#target.port, allowHalfOpen: true });
    const link = new Link(near, far, {
      paused: (direction) => this.#paused[direction],
      delay: (direction) => this.#delays[direction],
      forwarded: (direction, length) => {
        this.bytes[direction] += length;
      },
      gone: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }
}

interface LinkRules {
  paused(direction: Direction): boolean;
  delay(direction: Direction): number;
  forwarded(direction: Direction, length: number): void;
  gone(): void;
}

/** A piece of the stream on its way through; a piece of length 0 is the end. */
interface Held {
  chunk: Buffer;
  due: boolean;
}

/** One proxied connection: the two sockets, and what waits in each direction. */
class Link {
  readonly #near: Socket;
  readonly #far: Socket | undefined;
  readonly #rules: LinkRules;
  readonly #held: Record<Direction, Held[]> = { up: [], down: [] };
  readonly #timers = new Set<NodeJS.Timeout>();
  #down = false;

  constructor(near: Socket, far: Socket | undefined, rules: LinkRules) {
    this.#near = near;
    this.#far = far;
    this.#rules = rules;
    near.setNoDelay(true);
    far?.setNoDelay(true);
    this.#listen(near, 'up');
    if (far !== undefined) this.#listen(far, 'down');
  }

  flush(): void {
    for (const direction of directions()) {
      const held = this.#held[direction];
      while (!this.#rules.paused(direction) && held[0]?.due === true) {
        const [first] = held.splice(0, 1);
        if (first !== undefined) this.#write(direction, first.chunk);
      }
    }
  }

  end(direction: Direction): void {
    (direction === 'up' ? this.#far : this.#near)?.end();
  }

  /** Also the way out when either side broke: the other side sees a reset, as it would without a proxy. */
  reset(): void {
    if (this.#down) return;
    this.#down = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#near.resetAndDestroy();
    this.#far?.resetAndDestroy();
    this.#rules.gone();
  }

  #listen(from: Socket, direction: Direction): void {
    from.on('data', (chunk: Buffer) => this.#take(direction, chunk));
    from.on('end', () => this.#take(direction, Buffer.alloc(0)));
    from.on('error', () => this.reset());
    from.on('close', () => {
      if (this.#near.destroyed && (this.#far === undefined || this.#far.destroyed)) this.reset();
    });
  }

  #take(direction: Direction, chunk: Buffer): void {
    if (this.#far === undefined && chunk.length === 0) {
      this.reset();
      return;
    }
    const wait = this.#rules.delay(direction);
    const held: Held = { chunk, due: wait === 0 };
    // Queued at once, so that a delay that changes in between can't reorder the stream.
    this.#held[direction].push(held);
    if (held.due) {
      this.flush();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      held.due = true;
      this.flush();
    }, wait);
    this.#timers.add(timer);
  }

  #write(direction: Direction, chunk: Buffer): void {
    const to = direction === 'up' ? this.#far : this.#near;
    if (to === undefined || to.destroyed) return;
    if (chunk.length === 0) {
      to.end();
      return;
    }
    this.#rules.forwarded(direction, chunk.length);
    to.write(chunk);
  }
}

function directions(only?: Direction): readonly Direction[] {
  return only === undefined ? ['up', 'down'] : [only];
}
