import type { Command, Interfaces } from '@oclif/core';
import { Help } from '@oclif/core/help';
import { globalFlags } from './global-flags.ts';
import { HELP_TOPICS } from './help-topics.ts';

const GLOBAL_NOTE = 'Flags of every command (-S, -C, -o, -q, -y, --timeout, --auth, --tls, …): zksh help flags';

/** What the commands of a topic are about; without it oclif shows the summary of the first one. */
const TOPICS: Readonly<Record<string, string>> = {
  clients: 'how clients are spread over the members, and moving some',
  config: 'configuration files of servers; without more, the membership agreed on',
  context: 'save, choose and try ways to reach an ensemble',
  json: 'read and change JSON that znodes hold, without touching the rest of its text',
  lb: 'print a load balancer configuration with health checks for the members there are',
  leader: 'who leads, and handing leadership over',
  local: 'throw-away ensembles of real ZooKeeper servers on this machine',
  member: 'the members of an ensemble, and the machines they run on',
  quorum: 'who votes and what may fail; and how a lost quorum is recovered',
  rolling: 'change member after member without an outage, each step proven',
  sessions: 'who is connected, what they hold, and ending a session',
};

/** oclif's help as text. It rewrites the ids of the commands it shows, so it works on copies: the shell needs them. */
class TextHelp extends Help {
  readonly lines: string[] = [];

  protected override get sortedCommands(): Command.Loadable[] {
    return super.sortedCommands.map((command) => ({ ...command }));
  }

  protected override get sortedTopics(): Interfaces.Topic[] {
    return super.sortedTopics.map((topic) => ({ ...topic, description: TOPICS[topic.name] ?? topic.description }));
  }

  protected override log(...lines: string[]): void {
    this.lines.push(...lines);
  }

  async root(): Promise<string> {
    await this.showRootHelp();
    return this.#text();
  }

  async commandText(command: Command.Loadable): Promise<string> {
    await this.showCommandHelp(ownPart(command));
    return `${this.#text()}\n\n${GLOBAL_NOTE}`;
  }

  async topicText(topic: Interfaces.Topic): Promise<string> {
    await this.showTopicHelp({ ...topic, description: TOPICS[topic.name] ?? topic.description ?? '' });
    return this.#text();
  }

  #text(): string {
    return this.lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trimEnd();
  }
}

/** A command without the two dozen flags that all commands share, its paragraphs as one line each for oclif to wrap. */
function ownPart(command: Command.Loadable): Command.Loadable {
  const flags = Object.entries(command.flags).filter(([name]) => !Object.hasOwn(globalFlags, name));
  const description = command.description?.replace(/(\S)\n(?=\S)/g, '$1 ');
  return { ...command, flags: Object.fromEntries(flags), description };
}

function textHelp(config: Interfaces.Config): TextHelp {
  return new TextHelp(config, { stripAnsi: true, hideAliasesFromRoot: true });
}

/** The front page: usage, commands, topics, and the pages that belong to no command. */
export async function rootHelp(config: Interfaces.Config): Promise<string> {
  const pages = Object.entries(HELP_TOPICS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return `${await textHelp(config).root()}\n\nPAGES (zksh help PAGE)\n${pages.join('\n')}`;
}

/** The help of a command; its own flags only. */
export function commandHelp(config: Interfaces.Config, command: Command.Loadable): Promise<string> {
  return textHelp(config).commandText(command);
}

/** The commands of a topic. */
export function topicHelp(config: Interfaces.Config, topic: Interfaces.Topic): Promise<string> {
  return textHelp(config).topicText(topic);
}
