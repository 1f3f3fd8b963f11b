import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { lazyRequires } from '../../bin/lazy-requires.js';

/** Runs a file with made-up modules; returns its `exports` and what was loaded, in order. */
function run(code: string): { exports: Record<string, unknown>; loaded: string[] } {
  const loaded: string[] = [];
  const require = (name: string) => {
    loaded.push(name);
    return { name, make: class {}, say: () => name };
  };
  const context = { exports: {} as Record<string, unknown>, require, loaded, Object };
  runInContext(lazyRequires(code), createContext(context));
  return { exports: context.exports, loaded };
}

describe('the requires of a bundled file', () => {
  it('load when they are first used, and once', () => {
    const { exports, loaded } = run(`const a = require('a'); const b = require('b');
      exports.before = [...loaded]; exports.says = a.say() + a.say();`);
    expect(exports).toMatchObject({ before: [], says: 'aa' });
    expect(loaded).toEqual(['a']);
  });

  it('may be wrapped, constructed from, and named in short', () => {
    const { exports } = run(`const __toESM = (m) => m; const a = __toESM(require('a'), 1); let b = require("b");
      b = __toESM(b, 1);
      exports.made = typeof new a.make(); exports.short = { a, b }.b.name;`);
    expect(exports).toMatchObject({ made: 'object', short: 'b' });
  });

  it('are those of CommonJS modules inside the file, too', () => {
    const { exports, loaded } = run(`const wrap = (f) => { let m; return () => m ??= (m = {}, f(m), m); };
      const require_x = wrap((exports) => { const y = require('y'); exports.say = () => y.say(); });
      const x = require_x(); exports.before = [...loaded]; exports.says = x.say();`);
    expect(exports).toMatchObject({ before: [], says: 'y' });
    expect(loaded).toEqual(['y']);
  });

  it.each([
    ['a parameter', 'exports.says = ((a) => a)("mine");'],
    ['a variable', 'exports.says = (() => { const a = "mine"; return a; })();'],
    ['a destructured variable', 'exports.says = (() => { const { b: [a] } = { b: ["mine"] }; return a; })();'],
    ['the variable of a catch', 'try { throw "mine"; } catch (a) { exports.says = a; }'],
    ['a function', 'exports.says = (() => { function a() { return "mine"; } return a(); })();'],
  ])('stay as they are where the name is also that of %s', (_, code) => {
    const { exports, loaded } = run(`const a = require('a'); ${code}`);
    expect(exports.says).toBe('mine');
    expect(loaded).toEqual(['a']);
  });

  it('stay as they are where the variable is written again', () => {
    expect(run(`let a = require('a'); a = { say: () => 'mine' }; exports.says = a.say();`).exports.says).toBe('mine');
  });

  it('leaves names of properties and labels alone', () => {
    const { exports } = run(`const a = require('a'); const o = { a: 1, b: { a: 2 } }; a: for (;;) break a;
      exports.sum = o.a + o.b.a; exports.says = o['b'].a + a.name;`);
    expect(exports).toMatchObject({ sum: 3, says: '2a' });
  });

  it('makes an import of what is not in the bundle a require', async () => {
    const { exports, loaded } = run(`exports.got = (async () => { const { say } = await import('a'); return say(); })();
      exports.whole = import('b').then((b) => b.default.name);`);
    expect([await exports.got, await exports.whole]).toEqual(['a', 'b']);
    expect(loaded).toEqual(['a', 'b']);
  });

  it('keeps every line where it was', () => {
    const code = `const a = require('a');\n\nlet b = require("b");\nb = __toESM(b, 1);\nexports.x = () => a.x(b.y);\n`;
    const lines = lazyRequires(code).split('\n');
    expect(lines).toHaveLength(code.split('\n').length);
    expect(lines[4]).toContain('exports.x');
  });
});
