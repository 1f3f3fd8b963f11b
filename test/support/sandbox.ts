import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Gives the whole run its own XDG directories, so that no test reads or writes the contexts, history or local
 * ensembles of the person who runs it. The cache stays in the checkout: what Maven brought is worth keeping.
 */
export default function setup(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'zksh-test-'));
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('ZKSH_') && !name.startsWith('ZKSH_TEST_')) delete process.env[name];
  }
  for (const kind of ['CONFIG', 'DATA', 'STATE']) process.env[`XDG_${kind}_HOME`] = join(home, kind.toLowerCase());
  process.env.XDG_CACHE_HOME = fileURLToPath(new URL('../../node_modules/.cache/xdg', import.meta.url));
  delete process.env.FORCE_COLOR;
  return () => rmSync(home, { recursive: true, force: true });
}
