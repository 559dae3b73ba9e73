# shellcheck shell=bash
# Builds the web app and the server, each only where something changed. Needs say.sh; what it uses is found by need.sh.

# Checked SQL is checked against the committed descriptions, never against a database that happens to be around.
export SQLX_OFFLINE=true

# The scripts name what was built by its path.
export CARGO_TARGET_DIR=$ROOT/target

# Node's packages, exactly as locked.
install_web_packages() {
  local lock=$ROOT/web/package-lock.json mark=$ROOT/web/node_modules/.package-lock.json
  if [ -e "$mark" ] && [ ! "$lock" -nt "$mark" ] && [ ! "$ROOT/web/package.json" -nt "$mark" ]; then return; fi
  say "Installing the web app's packages"
  (cd "$ROOT/web" && npm ci --no-audit --no-fund --loglevel=error) ||
    fail "npm ci failed." "Is the npm registry within reach?"
  touch "$mark"
}

# Whether a file of the web app is newer than what was built from it.
web_changed() {
  local built=$ROOT/web/dist/index.html
  [ -e "$built" ] || return 0
  [ -n "$(find "$ROOT/web" \( -name node_modules -o -name dist -o -name e2e -o -name test-results -o -name playwright-report \) -prune \
    -o -type f -newer "$built" -print | head -n 1)" ]
}

build_web() {
  web_changed || return 0
  install_web_packages
  say "Building the web app"
  (cd "$ROOT/web" && npm run --silent build) || fail "The web app does not build."
}

build_server() {
  (cd "$ROOT" && cargo build --release --locked -p turnout) || fail "The server does not build."
}
