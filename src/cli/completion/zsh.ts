import type { CompletionModel } from './model.ts';
import { sharedFunctions } from './posix.ts';

/** The completion script for zsh. */
export function zshScript(model: CompletionModel): string {
  return `#compdef zksh
# zsh completion for zksh; made by: zksh completion zsh
# To use it: zksh completion zsh > "\${fpath[1]}/_zksh", or: source <(zksh completion zsh)
${sharedFunctions(model)}
${MAIN}
# Read as an autoloaded function it is called at once; sourced, it registers itself.
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _zksh "$@"; else compdef _zksh zksh; fi
`;
}

const MAIN = `_zksh() {
  emulate -L zsh
  local kind cur
  local _cmd _pos _prev
  local -a _conn candidates
  cur=\${(Q)PREFIX}
  _zksh_walk "\${(@Q)words[2,CURRENT-1]}"
  kind=$(_zksh_value_kind)
  if [[ -z $_prev && $cur == -* ]]; then
    kind="=$(_zksh_flags "$_cmd") $_zksh_globals"
  elif [[ -z $_prev && $_pos -eq 0 && -n $(_zksh_words "$_cmd") ]]; then
    kind="=$(_zksh_words "$_cmd")"
  fi
  case $kind in
    '='*) candidates=(\${=kind#'='}); compadd -a candidates ;;
    path) candidates=("\${(@f)$(_zksh_ask path "$cur")}"); candidates=(\${candidates:#}); compadd -S '' -a candidates ;;
    context) candidates=("\${(@f)$(_zksh_ask context "$cur")}"); candidates=(\${candidates:#}); compadd -a candidates ;;
    file) _files ;;
  esac
}`;
