import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { HostPort } from '../client/connect-string.ts';
import type { ZkshError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { type Answers, configOfConf } from './facts.ts';
import { fourLetterWord } from './four-letter-word.ts';
import type { Further } from './further.ts';
import type { ClientTarget } from './member.ts';
import { parseMntr } from './metrics.ts';
import { type Missing, reasonOf } from './missing.ts';
import { parseServerStatus } from './server-status.ts';

/** What the four-letter words of one member brought. */
export interface WordsAnswer {
  answers: Answers;
  /** The address that answered, be it with a refusal. */
  address: ClientTarget | undefined;
  /** Addresses that take connections: a session may be had there. */
  open: readonly ClientTarget[];
  /** A word was refused as only a ZooKeeper server does. */
  refused: boolean;
  config: DynamicConfig | undefined;
  missing: readonly Missing[];
  /** The answers to the further words asked for, and why there are none. */
  further: Further;
  /** Milliseconds of the first exchange. */
  roundTrip: number | undefined;
}

/** Asked of every member; what a command wants besides is `further`. */
const WORDS = ['srvr', 'mntr', 'conf'];
type Reply = { text: string; took: number } | { error: ZkshError };

/** Every word to every address at once; the first address that answers any word is the member. */
export async function askWords(
  targets: readonly ClientTarget[],
  how: {
    limit: number;
    /** Four-letter words besides `srvr`, `mntr` and `conf`. */
    further?: readonly string[] | undefined;
    signal?: AbortSignal | undefined;
    secure?: ((server: HostPort) => ConnectionOptions) | undefined;
  },
): Promise<WordsAnswer> {
  const others = new AbortController();
  setMaxListeners(0, others.signal);
  const stop = (): void => others.abort();
  how.signal?.addEventListener('abort', stop, { once: true });
  try {
    const asked = targets.map(async (target) => {
      const words = [...WORDS, ...(how.further ?? [])];
      const replies = await Promise.all(words.map((word) => ask(target, word, { ...how, signal: others.signal })));
      return { target, replies };
    });
    // Addresses of one server answer alike: who waits for a dead one after that waits for nothing.
    const first = await Promise.any(
      asked.map(async (one) => {
        const { replies } = await one;
        if (replies.every((reply) => 'error' in reply && !isRefused(reply))) throw new Error('none');
        return one;
      }),
    ).catch(() => undefined);
    const chosen = await (first ?? asked[0]);
    others.abort();
    const all = first === undefined ? await Promise.all(asked) : [];
    const silent = all.filter(({ replies }) => replies.some((reply) => 'error' in reply && isOpen(reply.error)));
    const open = [...(first === undefined ? [] : [first]), ...silent].map(({ target }) => target);
    const replies = chosen?.replies ?? [];
    return {
      ...answerOf(replies.slice(0, WORDS.length), first === undefined ? undefined : chosen?.target, open),
      further: furtherOf(how.further ?? [], replies.slice(WORDS.length)),
    };
  } finally {
    how.signal?.removeEventListener('abort', stop);
  }
}

async function ask(
  target: ClientTarget,
  word: string,
  { limit, signal, secure }: Parameters<typeof askWords>[1],
): Promise<Reply> {
  const since = performance.now();
  const tls = target.tls ? secure?.(target) : undefined;
  try {
    const text = await fourLetterWord({ host: target.host, port: target.port, word, timeout: limit, signal, tls });
    return { text, took: performance.now() - since };
  } catch (error) {
    return { error: error as ZkshError };
  }
}

/** It took the connection and then kept silent: it wants TLS, or takes sessions only. */
function isOpen({ code, message }: ZkshError): boolean {
  return code === 'CONNECTION_FAILED' && / it closed the connection/.test(message);
}

function isRefused(reply: Reply): boolean {
  return 'error' in reply && reply.error.code === 'WORD_REFUSED';
}

function answerOf(
  [srvr, mntr, conf]: readonly Reply[],
  address: ClientTarget | undefined,
  open: readonly ClientTarget[],
): Omit<WordsAnswer, 'further'> {
  const texts = { srvr: textOf(srvr), mntr: textOf(mntr), conf: textOf(conf) };
  const silent = [texts.srvr, texts.mntr, texts.conf].some((text) => text?.includes('not currently serving requests'));
  const status = texts.srvr === undefined ? undefined : parseServerStatus(texts.srvr);
  const missing = missingOf(WORDS, [srvr, mntr, conf]);
  return {
    answers: {
      srvr: status?.mode === undefined && status?.zxid === undefined ? undefined : status,
      mntr: parseMntr(texts.mntr ?? ''),
      conf: keysAndValues(texts.conf ?? ''),
      notServing: silent ? '4lw:srvr' : undefined,
    },
    address,
    open,
    refused: [srvr, mntr, conf].some((reply) => reply !== undefined && isRefused(reply)),
    config: configOfConf(texts.conf ?? ''),
    missing: together(missing),
    roundTrip: srvr !== undefined && 'took' in srvr ? srvr.took : undefined,
  };
}

function furtherOf(words: readonly string[], replies: readonly Reply[]): Further {
  const answered = words.flatMap((word, i): [string, string][] => {
    const text = textOf(replies[i]);
    return text === undefined || text.includes('not currently serving requests') ? [] : [[word, text]];
  });
  return { words: new Map(answered), admin: new Map(), missing: missingOf(words, replies) };
}

function missingOf(words: readonly string[], replies: readonly (Reply | undefined)[]): Missing[] {
  return words.flatMap((word, i): Missing[] => {
    const reply = replies[i];
    return reply !== undefined && 'error' in reply ? [{ source: `4lw:${word}`, reason: reasonOf(reply.error) }] : [];
  });
}

/** One line for what has one reason. */
function together(missing: readonly Missing[]): Missing[] {
  const [first] = missing;
  const same = missing.length === WORDS.length && missing.every(({ reason }) => reason === first?.reason);
  return same && first !== undefined ? [{ source: '4lw', reason: first.reason }] : [...missing];
}

function textOf(reply: Reply | undefined): string | undefined {
  return reply !== undefined && 'text' in reply ? reply.text : undefined;
}

function keysAndValues(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = [...text.matchAll(/^([A-Za-z]\w*)=(.*)$/gm)].map(([, key = '', value = '']): [string, string] => [
    key,
    value,
  ]);
  return pairs.length === 0 ? undefined : new Map(pairs);
}
