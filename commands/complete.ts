import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { contextsFile, loadContexts } from '../src/cli/contexts.ts';
import type { View } from '../src/output/view.ts';
import { joinPath, validatePath } from '../src/protocol/paths.ts';

/** More than anybody reads: what is typed so far is too short. */
const MOST = 1000;

export default class Complete extends ZkshCommand<string[], typeof Complete> {
  static override hidden = true;
  static override summary = 'print what could complete a word, for completion scripts';
  static override description = `One candidate a line: znode paths below the folder typed so far, or names of contexts.

JSON: a list of strings.`;
  static override examples = ['<%= config.bin %> complete path -- /brok'];
  static override args = {
    kind: Args.string({ required: true, options: ['path', 'context'], description: 'what to complete' }),
    typed: Args.string({ default: '', description: 'the word so far' }),
  };

  protected readonly view: View<string[]> = {};

  protected async execute(): Promise<string[]> {
    const { kind, typed } = this.args;
    const found = kind === 'path' ? await this.#paths(typed) : await this.#contexts();
    return found.filter((candidate) => candidate.startsWith(typed)).slice(0, MOST);
  }

  async #contexts(): Promise<string[]> {
    return Object.keys((await loadContexts(contextsFile(this.io.env))).contexts);
  }

  async #paths(typed: string): Promise<string[]> {
    const folder = typed.slice(0, Math.max(1, typed.lastIndexOf('/'))) || '/';
    if (typed !== '' && !typed.startsWith('/')) return [];
    const client = await this.client();
    const { signal } = this;
    const { children } = await client.getChildren(validatePath(folder), { signal });
    const paths = children.sort().map((child) => joinPath(folder, child));
    const fitting = paths.filter((path) => path.startsWith(typed));
    const [only] = fitting;
    // A single candidate is finished: a slash after it says that there is more below.
    if (fitting.length !== 1 || only === undefined) return fitting;
    const stat = await client.exists(only, { signal });
    return stat !== undefined && stat.numChildren > 0 ? [`${only}/`] : fitting;
  }
}
