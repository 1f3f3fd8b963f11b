import { type CommandModel, type CompletionModel, type FlagModel, type ValueKind, wordsAfter } from './model.ts';

/** The completion script for fish. */
export function fishScript(model: CompletionModel): string {
  const words = [...wordsAfter(model)].flatMap(([before, next]) =>
    next.map(
      ({ word, summary }) => `complete -c zksh -n ${q(`__zksh_at ${q(before)}`)} -f -a ${q(word)} -d ${q(summary)}`,
    ),
  );
  return [
    '# fish completion for zksh; made by: zksh completion fish',
    '# To use it: zksh completion fish > ~/.config/fish/completions/zksh.fish',
    head(model),
    'complete -c zksh -f',
    ...words,
    ...model.globals.map((flag) => flagLine('', flag)),
    ...model.commands.flatMap(commandLines),
    '',
  ].join('\n');
}

function head(model: CompletionModel): string {
  const names = model.commands.map(({ name }) => q(name)).join(' ');
  const flags = [...model.globals, ...model.commands.flatMap(({ flags: own }) => own)];
  const valued = flags.filter(({ value }) => value !== undefined).flatMap(({ words }) => words);
  return `set -g __zksh_commands ${names}
set -g __zksh_valued ${[...new Set([...valued, '-server', '-timeout', '-client-configuration'])].join(' ')}
set -g __zksh_connection ${model.connection.join(' ')}
${FUNCTIONS}`;
}

// __zksh_parse prints the command typed so far, how many arguments follow it, and the connection flags, one a line.
const FUNCTIONS = String.raw`function __zksh_parse
    set -l cmd
    set -l pos 0
    set -l conn
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if string match -q -- '-*' $word
            set -l name (string replace -r -- '=.*' '' $word)
            test $name = -server; and set name --server
            if contains -- $word $__zksh_valued
                contains -- $name $__zksh_connection; and set -a conn $name $words[1]
                set -e words[1]
            else if contains -- $name $__zksh_connection
                set -a conn $word
            end
        else if test $pos -eq 0; and string match -q -- (string join ' ' $cmd $word)'*' $__zksh_commands
            set -a cmd $word
        else
            set pos (math $pos + 1)
        end
    end
    echo (string join ' ' $cmd)
    echo $pos
    string join \n -- $conn
end
function __zksh_at
    set -l parsed (__zksh_parse)
    test "$parsed[1]" = "$argv[1]"; and test "$parsed[2]" -eq 0
end
function __zksh_arg
    set -l parsed (__zksh_parse)
    test "$parsed[1]" = "$argv[1]"; or return 1
    test "$argv[2]" = +; and test "$parsed[2]" -ge "$argv[3]"; and return 0
    test "$parsed[2]" = "$argv[2]"
end
function __zksh_in
    set -l parsed (__zksh_parse)
    test "$parsed[1]" = "$argv[1]"
end
function __zksh_ask
    set -l parsed (__zksh_parse)
    command zksh complete $argv[1] $parsed[3..-1] --timeout 2s -q -o text -- (commandline -ct) </dev/null 2>/dev/null
end`;

function commandLines({ name, flags, args }: CommandModel): string[] {
  const argLines = args.map((kind, i) => {
    const place = i === args.length - 1 ? `+ ${i}` : String(i);
    return valueLine(`complete -c zksh -n ${q(`__zksh_arg ${q(name)} ${place}`)}`, kind);
  });
  return [...flags.map((flag) => flagLine(name, flag)), ...argLines.filter((line) => line !== undefined)];
}

function flagLine(command: string, { words, description, value }: FlagModel): string {
  const names = words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`)).join(' ');
  const where = command === '' ? '' : ` -n ${q(`__zksh_in ${q(command)}`)}`;
  const base = `complete -c zksh${where} ${names} -d ${q(description)}`;
  if (value === undefined) return base;
  return valueLine(`${base} -r`, value) ?? `${base} -x`;
}

function valueLine(base: string, kind: ValueKind): string | undefined {
  if (kind === 'none') return undefined;
  if (kind === 'file') return `${base} -F`;
  if (typeof kind === 'string') return `${base} -f -a ${q(`(__zksh_ask ${kind})`)}`;
  return `${base} -f -a ${q(kind.join(' '))}`;
}

/** A text in single quotes for fish, where a backslash escapes inside them. */
function q(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
