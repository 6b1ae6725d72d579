#!/usr/bin/env bash
# Installs what the tests want beside Node, on Debian and as root. Does nothing where it is there already.
set -euo pipefail

wanted=()
want() { command -v "$1" >/dev/null 2>&1 || wanted+=("$2"); }
want setpriv util-linux    # the kernel's death signal, tried by the supervisor's tests
want prlimit util-linux    # the limit of writable memory
want chrt util-linux       # the rest of the check, beside the tests and below them
want timeout coreutils     # an evaluator's own process group and last resort
want busybox busybox       # another shell for a command's gate
want script bsdutils       # a terminal for the demo's tests
want git git               # a fresh clone
want promtool prometheus    # a real scrape, and its checks of metrics and rules
want chromium chromium     # opens a report, and looks at it
want python3 python3       # an evaluator in another language, and its arrays
/usr/bin/python3 -c 'import numpy' 2>/dev/null || wanted+=(python3-numpy)

if [ ${#wanted[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"
fi
