// @ts-nocheck It puts itself in front of what Node knows of itself.
'use strict';
// Loaded before a program with `node --require`: writes what the program loaded to the file that LOADED names.
const fs = require('node:fs');
const { builtinModules } = require('node:module');

const known = new Set(process.moduleLoadList);
const isPublic = new Set(builtinModules);
const files = new Set();
const { readFileSync, writeFileSync, openSync } = fs;
fs.readFileSync = (file, ...rest) => {
  files.add(String(file));
  return readFileSync(file, ...rest);
};
fs.openSync = (file, ...rest) => {
  files.add(String(file));
  return openSync(file, ...rest);
};
process.on('exit', () => {
  const builtins = process.moduleLoadList
    .filter((entry) => !known.has(entry))
    .map((entry) => entry.replace(/^NativeModule /, ''))
    .filter((name) => isPublic.has(name));
  writeFileSync(process.env.LOADED ?? '', JSON.stringify({ builtins, files: [...files] }));
});
