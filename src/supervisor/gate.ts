import { controlGroupVariable, lifeFd, tellingFd, toldFd } from '../wire/index.ts';

/**
 * Stands before a command until it may begin: joins the control group, says `ready` (or `missing`, where there is no such program
 * on its PATH), waits for a line, and becomes the program. Written for any POSIX shell.
 */
const gate = `
{
  [ -z "\${${controlGroupVariable}-}" ] || echo 0 >"$${controlGroupVariable}/cgroup.procs"
  echo 1000 >/proc/self/oom_score_adj
} 2>/dev/null
set -f
is_program() { [ -f "$1" ] && [ -x "$1" ]; }
is_there() {
  case $1 in */*) is_program "$1"; return ;; esac
  IFS=:
  for folder in $PATH; do is_program "\${folder:-.}/$1" && return; done
  return 1
}
if ! is_there "$1"; then
  echo '{"type":"missing"}' >&${tellingFd}
  exit 127
fi
echo '{"type":"ready"}' >&${tellingFd}
read -r word <&${toldFd} || exit 1
exec ${toldFd}<&- ${lifeFd}<&-
exec "$@"`;

/**
 * The command line of a program behind its gate.
 *
 * @param shell where the shell lies; default `sh`, wherever the PATH of the program has one
 * @example
 * gateCommand(['python3', 'evaluate.py']); // ['sh', '-c', '…', 'sh', 'python3', 'evaluate.py']
 */
export function gateCommand(argv: readonly string[], shell = 'sh'): readonly string[] {
  return [shell, '-c', gate, 'sh', ...argv];
}
