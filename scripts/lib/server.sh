# shellcheck shell=bash
# Servers for a test: each on a free port, with a database of its own, gone afterwards. Needs say.sh.

# The latest one.
SERVER_PID=
SERVER_DIR=
SERVER_URL=
# All of them: process and folder, in turn.
SERVERS=()

# start_server BINARY [ARGUMENT...]: sets SERVER_URL and SERVER_DIR once it listens.
start_server() {
  local binary=$1 waited=0
  shift
  SERVER_DIR=$(mktemp -d)
  # Where the scripts run as root, the database runs as somebody else who must get to its folder.
  chmod 755 "$SERVER_DIR"
  : >"$SERVER_DIR/stdout.log"
  env -u DATABASE_URL "$binary" serve --listen 127.0.0.1:0 --data "$SERVER_DIR/data" "$@" \
    >"$SERVER_DIR/stdout.log" 2>"$SERVER_DIR/stderr.log" </dev/null &
  SERVER_PID=$!
  SERVERS+=("$SERVER_PID" "$SERVER_DIR")
  trap stop_servers EXIT
  until SERVER_URL=$(sed -n 's/^.*listening on \(http:[^ ]*\)$/\1/p' "$SERVER_DIR/stdout.log" | head -n 1) && [ -n "$SERVER_URL" ]; do
    if ! kill -0 "$SERVER_PID" 2>/dev/null || [ "$waited" -ge 1200 ]; then
      tail -n 40 "$SERVER_DIR/stderr.log" >&2
      fail "The server did not start."
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
}

stop_servers() {
  local at
  for ((at = 0; at < ${#SERVERS[@]}; at += 2)); do kill -TERM "${SERVERS[at]}" 2>/dev/null || true; done
  for ((at = 0; at < ${#SERVERS[@]}; at += 2)); do
    wait "${SERVERS[at]}" 2>/dev/null || true
    rm -rf "${SERVERS[at + 1]}"
  done
  SERVERS=()
}
