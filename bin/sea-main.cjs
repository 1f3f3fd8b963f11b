'use strict';
// The main script of the self-contained executable: the files of the bundle, and what V8 compiled of them when it was
// built, are assets of the executable.
const sea = /** @type {any} */ (require('node:sea'));
const vm = require('node:vm');

/** @type {Map<string, { exports: any }>} */
const modules = new Map();
const assets = new Set(JSON.parse(sea.getAsset('index', 'utf8')));

/** @param {string} request */
function load(request) {
  if (!request.startsWith('./')) return outside(request);
  const known = modules.get(request);
  if (known !== undefined) return known.exports;
  const name = request.slice(2);
  const module = { exports: {} };
  modules.set(request, module);
  const code = Buffer.from(sea.getRawAsset(name)).toString('latin1');
  const cached = `${name}.bin`;
  const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${code}\n})`, {
    filename: `zksh/${name}`,
    cachedData: assets.has(cached) ? Buffer.from(sea.getRawAsset(cached)) : undefined,
  });
  script.runInThisContext().call(module.exports, module.exports, load, module, process.execPath, '');
  return module.exports;
}

/** Node's own modules, and the optional peer, which is looked for from where the executable lies. @param {string} request */
function outside(request) {
  if (request !== 'kerberos') return require(request);
  return require('node:module').createRequire(process.execPath)(request);
}

async function start() {
  const { code } = await load('./zksh.cjs').run(process.argv.slice(2), process.execPath);
  // What was written is out before the process goes, also into a slow pipe.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(code);
}

void start();
