import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { completionModel } from '../src/cli/completion/model.ts';
import { globalFlags } from '../src/cli/global-flags.ts';
import type { View } from '../src/output/view.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

interface Result {
  shell: string;
  script: string;
}

export default class Completion extends ZkshCommand<Result, typeof Completion> {
  static override summary = 'print a completion script for bash, zsh or fish';
  static override description =
    `The script knows commands, flags and their values; znode paths and contexts are asked for as they are typed, from the
servers of the line, the environment or the current context.

bash: source <(zksh completion bash), in ~/.bashrc
zsh: source <(zksh completion zsh), in ~/.zshrc after compinit
fish: zksh completion fish > ~/.config/fish/completions/zksh.fish

JSON: {shell, script}.`;
  static override examples = ['source <(<%= config.bin %> completion bash)'];
  static override args = {
    shell: Args.string({ required: true, options: [...SHELLS], description: 'bash, zsh or fish' }),
  };

  protected readonly view: View<Result> = {
    text: ({ script }) => script.trimEnd(),
    raw: ({ script }) => script,
  };

  protected async execute(): Promise<Result> {
    const { shell } = this.args;
    return { shell, script: await this.#script(shell) };
  }

  async #script(shell: string): Promise<string> {
    const model = completionModel(this.config, Object.keys(globalFlags));
    if (shell === 'bash') return (await import('../src/cli/completion/bash.ts')).bashScript(model);
    if (shell === 'zsh') return (await import('../src/cli/completion/zsh.ts')).zshScript(model);
    return (await import('../src/cli/completion/fish.ts')).fishScript(model);
  }
}
