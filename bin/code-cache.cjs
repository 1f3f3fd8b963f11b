'use strict';
// Keeps what V8 compiled of the bundle between runs. Node before 22.1 has no module.enableCompileCache, and where there
// is one, it takes longer than this.
// A cache file is used only if it is this user's, whole, and made of exactly this source; V8 itself checks that it was
// made by the same V8, but not that its bytes are still what they were. Anything wrong with it means: compile as usual.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { crc32 } = require('node:zlib');

const MAGIC = 'zksh code 1\n';
/** Magic, checksum, length of the heading in front of the code; the code starts at a multiple of 8. */
const PREFIX = 24;

/**
 * @typedef {object} Heading
 * @property {string} source hash of the source
 * @property {readonly string[]} commands that ran when it was made: what they need is in it
 * @typedef {{ script: vm.Script, source: string, file: string, commands: readonly string[] }} Loaded
 */

/** @param {string} file @returns {{ heading: Heading, code: Buffer } | undefined} */
function read(file) {
  let fd;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    const { uid, size } = fs.fstatSync(fd);
    if (uid !== process.geteuid?.() || size < PREFIX) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (fs.readSync(fd, bytes, 0, size, 0) !== size) return undefined;
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
    if (crc32(bytes.subarray(16)) !== bytes.readUInt32LE(12)) return undefined;
    const end = PREFIX + bytes.readUInt32LE(16);
    return { heading: JSON.parse(bytes.toString('latin1', PREFIX, end)), code: bytes.subarray(end) };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** @param {string} file @param {Heading} heading @param {Buffer} code */
function write(file, heading, code) {
  const text = JSON.stringify(heading);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(PREFIX + length + code.length, ' ');
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(length, 16);
  bytes.write(text, PREFIX, 'latin1');
  code.copy(bytes, PREFIX + length);
  bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, bytes, { flag: 'wx', mode: 0o600 });
  fs.renameSync(draft, file);
}

/**
 * Loads the files of a bundle with what a folder holds of them.
 * @param {string} bundle folder of the bundle
 * @param {string} cache folder of the cache
 * @param {string} [shown] how the folder of the bundle is called in stack traces
 */
function codeCache(bundle, cache, shown = bundle) {
  const folder = path.join(cache, `${process.version}-${process.arch}`);
  /** @type {Map<string, { exports: any }>} */
  const modules = new Map();
  /** @type {Loaded[]} */
  const loaded = [];

  /** @param {string} name */
  function compile(name) {
    // All of it is ASCII, and Node is quickest at this.
    const code = fs.readFileSync(path.join(bundle, name), 'utf8');
    // The build puts it there.
    const source = code.slice(2, 22);
    const file = path.join(folder, `${name}.bin`);
    const found = read(file);
    const usable = found?.heading.source === source ? found : undefined;
    const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${code}\n})`, {
      filename: path.join(shown, name),
      cachedData: usable?.code,
    });
    const commands = usable === undefined || script.cachedDataRejected ? [] : usable.heading.commands;
    loaded.push({ script, source, file, commands });
    return script.runInThisContext();
  }

  /** @param {string} request */
  function load(request) {
    if (!request.startsWith('./')) return require(request);
    const known = modules.get(request);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(request, module);
    const name = request.slice(2);
    compile(name).call(module.exports, module.exports, load, module, path.join(bundle, name), bundle);
    return module.exports;
  }

  /** Keeps what was compiled, unless these commands have been kept before. @param {readonly string[]} commands */
  function keep(commands) {
    const news = loaded.filter((one) => one.commands.length === 0 || commands.some((id) => !one.commands.includes(id)));
    if (news.length === 0) return;
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const { script, source, file, commands: before } of news) {
        write(file, { source, commands: [...new Set([...before, ...commands])] }, script.createCachedData());
      }
    } catch {
      // A home that cannot be written to, or a full disk: it only takes longer next time.
    }
  }

  return { load, keep };
}

module.exports = { codeCache };
