/** What each shell has to run so that Tab completes; all ask the plugin itself by `__complete`. */
export const SCRIPTS = {
  bash: `# Completion of kubectl-keyturn: source <(kubectl keyturn completion bash)
_kubectl_keyturn() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kubectl_keyturn kubectl-keyturn
`,
  zsh: `#compdef kubectl-keyturn
# Completion of kubectl-keyturn: source <(kubectl keyturn completion zsh)
_kubectl_keyturn() {
  local line
  local -a found
  while IFS= read -r line; do
    [[ $line == :* ]] || found+=("\${line%%$'\\t'*}")
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  compadd -a found
}
compdef _kubectl_keyturn kubectl-keyturn
`,
  kubectl: `#!/bin/sh
# Completion of "kubectl keyturn": save this on the PATH as kubectl_complete-keyturn, executable.
exec kubectl-keyturn __complete "$@"
`,
} as const;

export type Shell = keyof typeof SCRIPTS;

export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'kubectl'];
