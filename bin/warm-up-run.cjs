'use strict';
// One command for warm-up.js, by any release of Node: `node warm-up-run.cjs BUNDLE FOLDER COMMAND …`.
const { codeCache } = require('./code-cache.cjs');

const [bundle = '', folder = '', ...argv] = process.argv.slice(2);
const { load, keep } = codeCache(bundle, folder, 'zksh');
load('./zksh.cjs')
  .run(argv, bundle)
  .then((/** @type {{ code: number, commands: string[] }} */ { code, commands }) => {
    keep([...commands, argv.join(' ')]);
    process.exit(code);
  });
