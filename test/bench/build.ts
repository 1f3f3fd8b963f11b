import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The file that the installed command runs. */
export function entryOf(root: string): string {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { zksh: string } };
  return join(root, bin.zksh);
}

/** What is measured is the build, which nobody has to have made of the present sources. */
export function staleBuild(root: string): string[] {
  const built = join(root, 'dist/src/cli/main.js');
  if (!existsSync(built)) return [];
  const since = statSync(built).mtimeMs;
  const sources = ['src', 'commands'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
  );
  const newer = sources.some((file) => file.endsWith('.ts') && statSync(file).mtimeMs > since);
  return newer ? ['The build was older than the sources: npm run build'] : [];
}
