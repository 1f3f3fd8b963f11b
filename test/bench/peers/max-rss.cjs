// Preloaded into a process: writes the most memory it ever held, in KiB, to the file that BENCH_MAX_RSS names.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  if (process.env.BENCH_MAX_RSS) writeFileSync(process.env.BENCH_MAX_RSS, `${process.resourceUsage().maxRSS}`);
});
