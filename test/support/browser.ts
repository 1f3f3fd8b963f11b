import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

/** Where Chromium is; undefined where it is not installed. */
export const chromium: string | undefined = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-pipe',
];

/** How a page is looked at. */
interface Look {
  width: number;
  height?: number;
  scheme?: 'light' | 'dark';
  media?: 'screen' | 'print';
}

/** A page as a browser has it. */
export interface Page {
  look(how: Look): Promise<void>;
  /** The value of an expression inside the page, as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** A picture of it, PNG in base64. */
  picture(): Promise<string>;
  /** Addresses it asked for, its own among them. */
  readonly requests: readonly string[];
  /** What it said on the console, and what the browser held against it. */
  readonly complaints: readonly string[];
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Opens a page in a headless Chromium of its own, gone when the test ends. */
export async function openPage(url: string): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'zksh-browser-'));
  const browser = spawn(chromium ?? 'chromium', [...ARGUMENTS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => browser.once('exit', resolve));
    if (browser.exitCode === null && browser.kill('SIGKILL')) await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const requests: string[] = [];
  const complaints: string[] = [];
  let loaded = false;
  const { send } = talk(browser, ({ method, params = {} }) => {
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url);
    if (method === 'Log.entryAdded') complaints.push((params.entry as { text: string }).text);
    if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
      complaints.push(JSON.stringify(params));
    if (method === 'Page.loadEventFired') loaded = true;
  });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const inPage = (method: string, params: object = {}) => send(method, params, sessionId as string);
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await inPage(`${domain}.enable`);
  loaded = false;
  await inPage('Page.navigate', { url });
  await until('the page is loaded', () => loaded);
  return {
    requests,
    complaints,
    async look({ width, height = 1000, scheme = 'light', media = 'screen' }) {
      await inPage('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await inPage('Emulation.setEmulatedMedia', { media, features });
    },
    async evaluate<T>(expression: string): Promise<T> {
      const { result, exceptionDetails } = await inPage('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    },
    async picture() {
      return (await inPage('Page.captureScreenshot', { captureBeyondViewport: true })).data as string;
    },
  };
}

/** Chromium's protocol over its two pipes: JSON, each message ended by a zero byte. */
function talk(browser: ChildProcess, onEvent: (message: Message) => void) {
  const input = browser.stdio[3] as Writable;
  const output = browser.stdio[4] as Readable;
  const waiting = new Map<number, (message: Message) => void>();
  let last = 0;
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop() ?? '';
    for (const text of messages) {
      const message = JSON.parse(text) as Message;
      if (message.id === undefined) onEvent(message);
      else waiting.get(message.id)?.(message);
    }
  });
  input.on('error', () => {});
  const send = (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> => {
    last += 1;
    const id = last;
    return new Promise((resolve, reject) => {
      browser.once('exit', () => reject(new Error(`the browser ended before it answered ${method}`)));
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  };
  browser.setMaxListeners(0);
  return { send };
}
