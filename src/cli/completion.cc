// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string_view>

#include "cli/commands.h"
#include "cli/console.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// Both scripts ask the program itself, so that they never go out of date. Its first line of answer
// is `words`, `files` or `folders`; with `words` follow the words, each with a tab and what it is.
constexpr std::string_view kBash = R"script(# bash: eval "$(litmus completion bash)"
_litmus() {
  local current=${COMP_WORDS[COMP_CWORD]} answer line
  [[ $current == "=" ]] && current=
  COMPREPLY=()
  mapfile -t answer < <("${COMP_WORDS[0]/#\~/$HOME}" complete-words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case ${answer[0]} in
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *) for line in "${answer[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done ;;
  esac
}
complete -F _litmus litmus
)script";

constexpr std::string_view kZsh = R"script(#compdef litmus
# zsh: eval "$(litmus completion zsh)", after compinit
_litmus() {
  local -a answer candidates
  local line
  answer=("${(@f)$(${~words[1]} complete-words "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $answer[1] in
    files) _files ;;
    folders) _files -/ ;;
    *)
      for line in "${(@)answer[2,-1]}"; do
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
      done
      _describe litmus candidates
      ;;
  esac
}
compdef _litmus litmus
)script";

}  // namespace

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  return {.name = "completion",
          .summary = "print the script that lets a shell complete commands, options and run ids",
          .details =
              "Examples:\n"
              "  eval \"$(litmus completion bash)\"     in ~/.bashrc\n"
              "  eval \"$(litmus completion zsh)\"      in ~/.zshrc, after compinit",
          .options = {{.names = "SHELL",
                       .help = "bash or zsh",
                       .target = shell.get(),
                       .completion = Completion::kChoices,
                       .choices = {"bash", "zsh"},
                       .required = true}},
          .run = [shell](Console& console) {
            if (*shell != "bash" && *shell != "zsh") {
              throw Error(Code::kInvalidArgument,
                          "no completion for " + *shell + ": expected bash or zsh");
            }
            console.print(*shell == "bash" ? kBash : kZsh);
            return kSuccess;
          }};  // namespace
}  // namespace litmus

}  // namespace litmus
