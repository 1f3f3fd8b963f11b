import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { findCommand, unknownCommand } from '../src/cli/find-command.ts';
import { commandHelp, rootHelp, topicHelp } from '../src/cli/help-text.ts';
import { HELP_TOPICS } from '../src/cli/help-topics.ts';
import type { Style } from '../src/output/style.ts';
import type { View } from '../src/output/view.ts';

interface Result {
  /** The command, topic or page shown; empty for the front page. */
  subject: string;
  text: string;
}

export default class Help extends ZkshCommand<Result, typeof Help> {
  static override summary = 'show help for a command, a topic, or a page such as exit-codes';
  static override description =
    `Pages: exit-codes, environment, output, secrets, flags. "zksh COMMAND --help" shows the same as "zksh help COMMAND".

JSON: {subject, text}.`;
  static override examples = [
    '<%= config.bin %> help',
    '<%= config.bin %> help context add',
    '<%= config.bin %> help exit-codes',
  ];
  static override args = { subject: Args.string({ description: 'command, topic or page' }) };
  static override strict = false;

  protected readonly view: View<Result> = { text: ({ text }, style) => paintHeadings(text, style) };

  protected async execute(): Promise<Result> {
    const subject = this.words.join(' ');
    return { subject, text: await this.#page(this.words) };
  }

  async #page(words: readonly string[]): Promise<string> {
    const [first] = words;
    if (first === undefined) return rootHelp(this.config);
    const page = words.length === 1 && Object.hasOwn(HELP_TOPICS, first) ? HELP_TOPICS[first] : undefined;
    if (page !== undefined) return page.text();
    const { id, rest } = findCommand(this.config, words);
    const command = id === undefined ? undefined : this.config.findCommand(id);
    if (command !== undefined && rest.length === 0) return commandHelp(this.config, command);
    const topic = this.config.findTopic(words.join(':'));
    if (topic !== undefined) return topicHelp(this.config, topic);
    // `zksh get /a --help`: what follows the command's name is not its business.
    if (command !== undefined) return commandHelp(this.config, command);
    throw unknownCommand(this.config, words);
  }
}

function paintHeadings(text: string, style: Style): string {
  return text
    .split('\n')
    .map((line) => (/^[A-Z][A-Z ]+(\(.*\))?$/.test(line) ? style.paint('title', line) : line))
    .join('\n');
}
