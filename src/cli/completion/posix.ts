import { type CommandModel, type CompletionModel, type FlagModel, type ValueKind, wordsAfter } from './model.ts';

/**
 * Shell functions that bash and zsh share: tables as `case` statements, since the bash of macOS has no associative
 * arrays, and the walk over the words before the cursor. `_zksh_walk` sets `_cmd` (the command's name), `_pos` (how many
 * arguments it has) and `_conn` (connection flags on the line).
 */
export function sharedFunctions(model: CompletionModel): string {
  const { commands, globals } = model;
  const valued = (flags: readonly FlagModel[]): string =>
    flags
      .filter(({ value }) => value !== undefined)
      .flatMap(({ words }) => words)
      .join(' ');
  const words = [...wordsAfter(model)].map(([before, next]): [string, string] => [
    before,
    next.map(({ word }) => word).join(' '),
  ]);
  const flags = commands.map((command): [string, string] => [
    command.name,
    command.flags.flatMap(({ words }) => words).join(' '),
  ]);
  const valuedFlags = commands.map((command): [string, string] => [command.name, valued(command.flags)]);
  return [
    table('_zksh_words', words),
    table('_zksh_flags', flags),
    table('_zksh_valued', valuedFlags),
    table('_zksh_kind', commands.flatMap(argKinds)),
    table('_zksh_flag_kind', [
      ...flagKinds('', globals),
      ...commands.flatMap(({ name, flags }) => flagKinds(name, flags)),
    ]),
    `_zksh_globals='${globals.flatMap(({ words }) => words).join(' ')}'`,
    `_zksh_global_valued='${valued(globals)}'`,
    `_zksh_connection='${model.connection.join(' ')}'`,
    WALK,
  ].join('\n');
}

const WALK = `_zksh_has() { case " $1 " in *" $2 "*) return 0 ;; esac; return 1; }
_zksh_takes() { _zksh_has "$_zksh_global_valued -server -timeout -client-configuration $(_zksh_valued "$_cmd")" "$1"; }
_zksh_walk() {
  local word next
  _cmd='' _pos=0 _prev='' _conn=()
  while [ $# -gt 0 ]; do
    word=$1; shift
    _prev=''
    case $word in
      -server|-client-configuration)
        [ $# -gt 0 ] && _conn+=("-$word" "$1") && shift || _prev=-$word ;;
      -*=*)
        _zksh_has "$_zksh_connection" "\${word%%=*}" && _conn+=("$word") ;;
      -*)
        if _zksh_takes "$word"; then
          if [ $# -eq 0 ]; then _prev=$word
          else
            _zksh_has "$_zksh_connection" "$word" && _conn+=("$word" "$1")
            shift
          fi
        elif _zksh_has "$_zksh_connection" "$word"; then _conn+=("$word")
        fi ;;
      *)
        next="\${_cmd:+$_cmd }$word"
        if [ $_pos -eq 0 ] && _zksh_has "$(_zksh_words "$_cmd")" "$word"; then _cmd=$next
        else _pos=$((_pos + 1)); fi ;;
    esac
  done
}
_zksh_value_kind() {
  local kind
  if [ -n "$_prev" ]; then
    kind=$(_zksh_flag_kind "$_cmd $_prev")
    [ -n "$kind" ] || kind=$(_zksh_flag_kind " $_prev")
  else
    kind=$(_zksh_kind "$_cmd $_pos")
    [ -n "$kind" ] || kind=$(_zksh_kind "$_cmd +")
  fi
  printf %s "$kind"
}
_zksh_ask() { command zksh complete "$1" "\${_conn[@]}" --timeout 2s -q -o text -- "$2" </dev/null 2>/dev/null; }`;

/** A function that prints the entry of a key, or nothing. */
function table(name: string, entries: readonly (readonly [string, string])[]): string {
  const arms = entries
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `    ${quote(key)}) printf %s ${quote(value)} ;;`);
  return [`${name}() {`, '  case $1 in', ...arms, '  esac', '}'].join('\n');
}

function argKinds({ name, args }: CommandModel): [string, string][] {
  return args.flatMap((kind, i): [string, string][] => {
    const here: [string, string] = [`${name} ${i}`, kindWord(kind)];
    return i === args.length - 1 ? [here, [`${name} +`, kindWord(kind)]] : [here];
  });
}

function flagKinds(command: string, flags: readonly FlagModel[]): [string, string][] {
  return flags.flatMap(({ words, value }) =>
    value === undefined ? [] : words.map((word): [string, string] => [`${command} ${word}`, kindWord(value)]),
  );
}

// A list is told from a kind by its first character.
function kindWord(kind: ValueKind): string {
  if (typeof kind === 'string') return kind === 'none' ? '' : kind;
  return `=${kind.join(' ')}`;
}

/** A text in single quotes for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
