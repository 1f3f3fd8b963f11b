// Puts the compiled commands and all they need into a few files of dist/bundle: what `zksh get` runs is in two of them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { rolldown } from 'rolldown';
import { lazyRequires } from './lazy-requires.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'zksh:entry';
const MANIFEST = 'zksh:manifest';
const MANIFEST_DATA = 'zksh:manifest-data';
const DEBUG = 'zksh:debug';
const RUNTIME = 'rolldown-runtime';

/** Where `zksh get` begins, and what it connects with: whatever these import is in the file that every command loads. */
const CORE = ['src/cli/main.ts', 'src/cli/built-config.ts', 'src/client/connect.ts', 'commands/get.ts'];

const OCLIF = ['config/index', 'command', 'help/index'].map((name) => `node_modules/@oclif/core/lib/${name}.js`);

/** What of oclif runs in every command; the rest of it, for help and for reading plugins, is in a file of its own. */
const CORE_OF_OCLIF =
  /@oclif\/core\/(package\.json|lib\/(args|cache|command|flags|logger|performance|settings|config\/(config|index|plugin|util)|errors\/(index|error|exit|warn|handle)|parser\/\w+|util\/(aggregate-flags|ids|util))\.js)$/;

/** @param {string} text */
const literal = (text) => JSON.stringify(text);

/** The module from which everything is reached: one loader a command. @param {Manifest} manifest */
function entrySource(manifest) {
  const ids = Object.keys(manifest.commands).sort();
  const file = (/** @type {string} */ id) => join(root, 'commands', ...id.split(':'));
  const modules = ids.map((id) => `${literal(id)}: () => import(${literal(`${file(id)}.ts`)}),`);
  const aliases = Object.values(manifest.commands).flatMap(({ id, aliases = [], hiddenAliases = [] }) =>
    [...aliases, ...hiddenAliases].map((alias) => [alias.replaceAll(' ', ':'), id]),
  );
  const { name, version, oclif } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `
    import { BuiltConfig } from ${literal(join(root, 'src/cli/built-config.ts'))};
    import { main } from ${literal(join(root, 'src/cli/main.ts'))};
    import manifest from ${literal(MANIFEST)};
    const pjson = ${JSON.stringify({ name, version, oclif })};
    const modules = {${modules.join('\n')}};
    const aliases = ${JSON.stringify(Object.fromEntries(aliases))};
    export async function run(argv, root) {
      const config = new BuiltConfig({ pjson, modules, aliases, manifest }, root);
      return { code: await main(argv, config), commands: config.started };
    }
  `;
}

/** @param {Manifest} manifest @returns {import('rolldown').Plugin} */
function generated(manifest) {
  return {
    name: 'generated',
    resolveId(id, importer) {
      if (id === 'debug' && importer?.includes('/@oclif/core/')) return DEBUG;
      return id.startsWith('zksh:') ? id : undefined;
    },
    load(id) {
      if (id === ENTRY) return entrySource(manifest);
      // A require inside a function: the file is opened when it is called.
      if (id === MANIFEST) return `module.exports = () => require(${literal(MANIFEST_DATA)});`;
      if (id === MANIFEST_DATA) return `module.exports = JSON.parse(${literal(JSON.stringify(manifest))});`;
      // oclif's log, which without DEBUG is silent but takes longer to set up than most commands to run.
      if (id === DEBUG) return `module.exports = process.env.DEBUG ? require('debug') : () => () => {};`;
      return undefined;
    },
    transform(code, id) {
      // The global `performance` brings fifteen modules of Node with it, for a clock that process has, too.
      if (id.includes('node_modules') || !code.includes('performance.now()')) return undefined;
      return { code: code.replaceAll('performance.now()', '(Number(process.hrtime.bigint()) / 1e6)'), map: null };
    },
    generateBundle(_, files) {
      const chunks = Object.values(files).filter((file) => file.type === 'chunk');
      const runtime = chunks.find(({ name }) => name === RUNTIME);
      if (runtime !== undefined) delete files[runtime.fileName];
      const helpers = runtime?.code.replace(/^\/\/.*$/gm, '').replaceAll('\n', ' ') ?? '';
      for (const chunk of chunks) {
        chunk.code = finished(chunk.code, helpers);
        // What does not parse is better found here than by whoever starts it.
        new Script(chunk.code, { filename: chunk.fileName });
      }
    },
  };
}

/**
 * The bundler's few helpers, which keep no state, go into every file: one less to open.
 * @param {string} code
 * @param {string} helpers
 */
function finished(code, helpers) {
  const inline = `((exports) => { ${helpers} return exports; })({})`;
  return marked(ascii(lazyRequires(code).replace(`require("./${RUNTIME}.cjs")`, () => inline)));
}

/**
 * Everything that some modules import, and so on; what is loaded by `import()` is left out.
 * @param {readonly string[]} from
 * @param {(id: string) => boolean} leaveOut
 * @returns {(context: import('rolldown').ChunkingContext) => ReadonlySet<string>}
 */
function reachable(from, leaveOut = () => false) {
  /** @type {Set<string> | undefined} */
  let found;
  return (context) => {
    if (found !== undefined) return found;
    found = new Set();
    const next = [...from];
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (found.has(id) || leaveOut(id)) continue;
      found.add(id);
      next.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
    return found;
  };
}

function groups() {
  const source = (/** @type {string} */ file) => join(root, file);
  const core = reachable([ENTRY, MANIFEST, DEBUG, ...CORE.map(source)], (id) => id.includes('node_modules'));
  const oclif = reachable(OCLIF.map(source));
  return [
    { name: 'manifest', test: MANIFEST_DATA, priority: 3 },
    {
      priority: 2,
      debugName: 'core and oclif',
      includeDependenciesRecursively: false,
      /** @param {string} id @param {import('rolldown').ChunkingContext} context */
      name: (id, context) => {
        if (CORE_OF_OCLIF.test(id) || core(context).has(id)) return 'core';
        return oclif(context).has(id) ? 'oclif' : null;
      },
    },
    { name: 'shared', minShareCount: 2, priority: 1 },
  ];
}

/** `commands/local/up.ts` becomes `command-local-up.cjs`. @param {import('rolldown').PreRenderedChunk} chunk */
function chunkName({ facadeModuleId, name }) {
  const file = relative(root, facadeModuleId ?? '').split(sep);
  if (file[0] === 'node_modules') return `package-${file[1]}.cjs`;
  if (file[0] !== 'commands') return `${name}.cjs`;
  return `${file
    .join('-')
    .replace(/^commands/, 'command')
    .replace(/\.ts$/, '')}.cjs`;
}

/** Plain ASCII is read and held at one byte a character. @param {string} code */
const ascii = (code) => code.replace(/[^\x00-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** With the hash by which compiled code kept of it is known to be of it. @param {string} code */
function marked(code) {
  return `/*${createHash('sha256').update(code).digest('hex').slice(0, 20)}*/${code}`;
}

/**
 * @typedef {{ commands: Record<string, { id: string, aliases?: string[], hiddenAliases?: string[] }> }} Manifest
 *
 * Writes the bundle of the commands of a manifest.
 * @param {Manifest} manifest
 * @param {string} folder
 */
export async function bundle(manifest, folder) {
  const build = await rolldown({
    input: { zksh: ENTRY },
    preserveEntrySignatures: 'allow-extension',
    cwd: root,
    platform: 'node',
    // An optional peer, and what oclif looks for when it runs from TypeScript sources.
    external: ['kerberos', 'typescript', 'pnpapi'],
    checks: { ineffectiveDynamicImport: false, sourcemapBroken: false, bundlerTimings: false },
    plugins: [generated(manifest)],
  });
  await build.write({
    dir: folder,
    format: 'cjs',
    minify: false,
    comments: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: chunkName,
    sourcemap: true,
    sourcemapExcludeSources: true,
    // As seen from where the build puts it.
    sourcemapPathTransform: (source, map) => relative(join(root, 'dist', 'bundle'), resolve(dirname(map), source)),
    codeSplitting: { groups: groups() },
  });
  await build.close();
}
