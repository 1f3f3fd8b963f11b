import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { render } from '../../src/output/render.ts';
import { streamSink } from '../../src/output/sink.ts';
import { createStyle, type Style } from '../../src/output/style.ts';
import { loadTheme } from '../../src/output/theme.ts';
import { type AnyView, FORMATS, type Format, type ItemOf, type View } from '../../src/output/view.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const pipe = createStyle({ tty: false, width: Number.POSITIVE_INFINITY, now: NOW });
const terminal = createStyle({ tty: true, width: 80, now: NOW });

async function rendered<T>(result: T, view: AnyView<ItemOf<T>>, format: Format, style: Style = pipe): Promise<string> {
  const stream = new PassThrough();
  await render(result, view, { format, style, sink: streamSink(stream) });
  stream.end();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

interface Node {
  path: string;
  zxid: bigint;
  data: Uint8Array | null;
}
const nodes: Node[] = [
  { path: '/a', zxid: 2n ** 63n - 1n, data: Buffer.from('hi') },
  { path: '/b,"c"', zxid: 5n, data: Buffer.from([0xff, 0]) },
  { path: '/d', zxid: 0n, data: null },
];
const view: View<Node[]> = {
  columns: [
    { header: 'path', value: ({ path }) => path, role: () => 'path' },
    { header: 'zxid', value: ({ zxid }) => zxid, kind: 'hex' },
    { header: 'data', value: ({ data }) => data },
  ],
};

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

describe('a result', () => {
  it.each(FORMATS.filter((format) => format !== 'raw'))('is printed as %s', async (format) => {
    expect(await rendered(nodes, view, format)).toMatchSnapshot();
  });

  it('keeps every digit of a 64-bit number in YAML', async () => {
    const text = await rendered(nodes, view, 'yaml');
    expect(parse(text)[0].zxid).toBe('9223372036854775807');
  });

  it.each([
    [null, 'null\n', 'null\n'],
    [false, 'false\n', 'false\n'],
    [0, '0\n', '0\n'],
    ['', '\n', '""\n'],
    [0n, '0\n', '"0"\n'],
    [undefined, '', 'null\n'],
    [[], '', '[]\n'],
  ])('is printed although it is falsy or empty: %s', async (value, text, json) => {
    expect(await rendered(value, {}, 'text')).toBe(text);
    expect(await rendered(value, {}, 'json')).toBe(json);
  });

  it('without a view is key and value lines', async () => {
    expect(await rendered({ path: '/a', zxid: 7n, gone: undefined, at: new Date(NOW) }, {}, 'text')).toBe(
      'path: /a\nzxid: 7\nat: 2026-01-02T03:04:05.000Z\n',
    );
  });

  it('is written byte by byte as raw', async () => {
    const raw: View<Uint8Array> = { raw: (bytes) => bytes };
    const chunks = await rendered(Buffer.from('no line end'), raw, 'raw');
    expect(chunks).toBe('no line end');
  });

  it('prints nothing where its text is undefined, and an empty line where it is empty', async () => {
    const text: View<string | undefined> = { text: (value) => value };
    expect(await rendered(undefined, text, 'text')).toBe('');
    expect(await rendered('', text, 'text')).toBe('\n');
  });

  it('without columns gives the fields of its JSON form as CSV, nested ones with dots, lists as JSON', async () => {
    const stat = { path: '/a', stat: { version: 2, czxid: 28n }, tags: ['x', 'y'], none: null };
    expect(await rendered(stat, {}, 'csv')).toBe('path,stat.version,stat.czxid,tags,none\n/a,2,28,"[""x"",""y""]",\n');
    expect(await rendered([{ a: 1 }, { b: 'two' }], {}, 'csv')).toBe('a,b\n1,\n,two\n');
    expect(await rendered(true, {}, 'csv')).toBe('value\ntrue\n');
  });

  it('without bytes of its own gives its text as raw', async () => {
    expect(await rendered({ path: '/a' }, { text: () => 'Created /a' }, 'raw')).toBe('Created /a\n');
  });

  it('may have a field named __proto__', async () => {
    const odd = JSON.parse('{"__proto__": {"x": 1}}');
    expect(await rendered(odd, {}, 'ndjson')).toBe('{"__proto__":{"x":1}}\n');
  });
});

describe('a stream of results', () => {
  const item: View<Node> = { columns: view.columns };

  it.each(FORMATS.filter((format) => format !== 'raw'))('is printed item by item as %s', async (format) => {
    expect(await rendered(stream(nodes), item, format)).toMatchSnapshot();
  });

  it('is the same JSON and YAML as the list would be', async () => {
    const list = await rendered(nodes, view, 'json');
    expect(JSON.parse(await rendered(stream(nodes), item, 'json'))).toEqual(JSON.parse(list));
    expect(parse(await rendered(stream(nodes), item, 'yaml'))).toEqual(JSON.parse(list));
  });

  it('that is empty is an empty list', async () => {
    expect(await rendered(stream([]), item, 'json')).toBe('[]\n');
    expect(await rendered(stream([]), item, 'yaml')).toBe('[]\n');
    expect(await rendered(stream([]), item, 'csv')).toBe('path,zxid,data\n');
    expect(await rendered(stream([]), item, 'text')).toBe('');
  });

  it('is written as it comes: the first item does not wait for the second', async () => {
    const out = new PassThrough();
    let go: () => void = () => {};
    const second = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* slow(): AsyncGenerator<string> {
      yield 'first';
      await second;
      yield 'second';
    }
    const done = render(slow(), {}, { format: 'ndjson', style: pipe, sink: streamSink(out) });
    const [chunk] = await Promise.all([new Promise((resolve) => out.once('data', resolve))]);
    expect(String(chunk)).toBe('"first"\n');
    out.resume();
    go();
    await done;
  });

  it('is not produced faster than it is read', async () => {
    let produced = 0;
    let read = 0;
    let ahead = 0;
    const slow = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _encoding, done) {
        read += chunk.length;
        setImmediate(done);
      },
    });
    async function* lines(): AsyncGenerator<string> {
      for (let i = 0; i < 2000; i += 1) {
        const line = 'x'.repeat(97);
        produced += line.length + 3;
        ahead = Math.max(ahead, produced - read);
        yield line;
      }
    }
    await render(lines(), {}, { format: 'ndjson', style: pipe, sink: streamSink(slow) });
    expect(read).toBe(2000 * 100);
    expect(ahead).toBeLessThan(100 * 1024);
  });

  it('stops quietly when its reader goes away, and its source is told', async () => {
    let stopped = false;
    const closing = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield 'x'.repeat(1000);
      } finally {
        stopped = true;
      }
    }
    await render(endless(), {}, { format: 'text', style: pipe, sink: streamSink(closing) });
    expect(stopped).toBe(true);
  });

  it('fails when the disk is full', async () => {
    const full = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
      },
    });
    const result = render('x', {}, { format: 'text', style: pipe, sink: streamSink(full) });
    await expect(result).rejects.toMatchObject({ code: 'OUTPUT_FAILED', exitCode: 1 });
  });
});

describe('what a terminal is sent', () => {
  const evil = '/a\u001b]0;owned\u0007\u202e';

  it.each(FORMATS.filter((format) => format !== 'raw'))('holds no control character of a znode: %s', async (format) => {
    const out = await rendered([{ path: evil, zxid: 1n, data: null }], view, format, terminal);
    expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(out).toMatch(/\\(x1b|u001b|e)\]0;owned\\(x07|u0007|a)/);
  });

  it('is coloured by meaning, and data can not bring colours of its own', async () => {
    const paint = await loadTheme();
    const colour = createStyle({ tty: true, width: 80, now: NOW, paint });
    const text: View<string> = {
      text: (value, style) => `${style.paint('bad', `no ${style.paint('path', value)} here`)}.`,
    };
    const shown = await rendered('/x\u001b[32m', text, 'text', colour);
    expect(shown).toBe('\u001b[31mno \u001b[39m\u001b[36m/x\\x1b[32m\u001b[39m\u001b[31m here\u001b[39m.\n');
  });
});
