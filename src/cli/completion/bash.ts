import type { CompletionModel } from './model.ts';
import { sharedFunctions } from './posix.ts';

/** The completion script for bash 3.2 and later. */
export function bashScript(model: CompletionModel): string {
  return `# bash completion for zksh; made by: zksh completion bash
# To use it: source <(zksh completion bash)
${sharedFunctions(model)}
${MAIN}
complete -o default -F _zksh zksh
`;
}

// Readline splits words at : and =, zksh does not: the words are taken from the line itself, and what stands before the
// last colon is cut off the candidates again.
const MAIN = `_zksh() {
  local line cur words candidates candidate kind prefix
  local _cmd _pos _prev _conn
  line=\${COMP_LINE:0:COMP_POINT}
  read -r -a words <<<"$line"
  case $line in *[[:space:]]) cur='' ;; *) cur=\${words[\${#words[@]}-1]}; unset "words[\${#words[@]}-1]" ;; esac
  _zksh_walk "\${words[@]:1}"
  COMPREPLY=()
  kind=$(_zksh_value_kind)
  if [ -z "$_prev" ] && [ "\${cur:0:1}" = - ]; then
    candidates="$(_zksh_flags "$_cmd") $_zksh_globals"
    kind="=$candidates"
  elif [ -z "$_prev" ] && [ "$_pos" -eq 0 ] && [ -n "$(_zksh_words "$_cmd")" ]; then
    kind="=$(_zksh_words "$_cmd")"
  fi
  case $kind in
    '='*) COMPREPLY=($(compgen -W "\${kind#=}" -- "$cur")); return ;;
    path|context) ;;
    file) return ;;
    *) compopt +o default 2>/dev/null; return ;;
  esac
  compopt +o default 2>/dev/null
  while IFS= read -r candidate; do
    case $candidate in "$cur"*) COMPREPLY+=("$(printf %q "$candidate")") ;; esac
  done < <(_zksh_ask "$kind" "$cur")
  [ "$kind" = path ] && compopt -o nospace 2>/dev/null
  case $cur in
    *:*)
      prefix=\${cur%"\${cur##*:}"}
      case $COMP_WORDBREAKS in *:*) COMPREPLY=("\${COMPREPLY[@]#"$prefix"}") ;; esac ;;
  esac
}`;
