# shellcheck shell=bash
# What the scripts say, and how they stop. Sourced first, by all of them; nothing here installs or builds.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Programs that these scripts fetched themselves; a folder of this checkout alone.
TOOLS=$ROOT/.tools
export PATH="$TOOLS/node/bin:$TOOLS/prometheus:$HOME/.cargo/bin:$PATH"

say() { printf '%s\n' "$*"; }

# What could not be had, and what to do about it.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

is_macos() { [ "$(uname -s)" = Darwin ]; }
