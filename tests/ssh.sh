#!/usr/bin/env bash
# Runs outlive the line: a real sshd on 127.0.0.1 with a throw-away key, the screen opened through it, a sweep started,
# the connection cut abruptly and silently, and the sweep found further on, and finished, by the next connection.
#
#   tests/ssh.sh [PROGRAM]      needs sshd and ssh; says so and succeeds where they are not installed
set -euo pipefail

PROGRAM=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/lowland}")
SSHD=$(command -v sshd || echo /usr/sbin/sshd)
if [ ! -x "$SSHD" ] || ! command -v ssh ssh-keygen >/dev/null; then
    echo "ssh.sh: skipped: no sshd here (Debian: openssh-server)"
    exit 0
fi

BASE=$(mktemp -d)
NOTEBOOK=$BASE/notebook
START=$SECONDS
say() { printf '%3ds  %s\n' $((SECONDS - START)) "$*"; }
fail() {
    say "FAILED: $*"
    for log in "$BASE"/*.screen "$BASE/sshd.log"; do
        [ -e "$log" ] && { echo "--- $log"; plain "$log" | tail -n 30; }
    done
    exit 1
}
plain() { sed -e 's/\x1b\[[0-9;?]*[a-zA-Z]/ /g' -e 's/\r//g' "$1"; }
cleanup() {
    exec 3>&- 4>&- || true
    [ -d "$NOTEBOOK" ] && "$PROGRAM" -C "$NOTEBOOK" stop >/dev/null 2>&1 || true
    [ -n "${SSHD_PID:-}" ] && kill "$SSHD_PID" 2>/dev/null || true
    pkill -KILL -f "ssh -F $BASE/ssh_config" 2>/dev/null || true
    # The supervisor ends by itself when its notebook is gone.
    rm -rf "$BASE"
}
trap cleanup EXIT

# Waits up to a minute for a command to succeed.
await() {
    local what=$1
    shift
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "$what did not come"
}

# --- a server of our own
ssh-keygen -q -t ed25519 -N '' -f "$BASE/host_key"
ssh-keygen -q -t ed25519 -N '' -f "$BASE/id"
cp "$BASE/id.pub" "$BASE/authorized_keys"
chmod 700 "$BASE" && chmod 600 "$BASE/authorized_keys"
[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
serve() {
    PORT=$((20000 + RANDOM % 20000))
    cat >"$BASE/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $PORT
HostKey $BASE/host_key
AuthorizedKeysFile $BASE/authorized_keys
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
ClientAliveInterval 1
ClientAliveCountMax 2
CONF
    "$SSHD" -D -e -f "$BASE/sshd_config" 2>"$BASE/sshd.log" &
    SSHD_PID=$!
    printf '[127.0.0.1]:%s %s\n' "$PORT" "$(cut -d' ' -f1,2 "$BASE/host_key.pub")" >"$BASE/known_hosts"
    cat >"$BASE/ssh_config" <<CONF
Host notebook
  HostName 127.0.0.1
  Port $PORT
  User $(id -un)
  IdentityFile $BASE/id
  IdentitiesOnly yes
  UserKnownHostsFile $BASE/known_hosts
  StrictHostKeyChecking yes
  LogLevel ERROR
  ControlPath none
CONF
    for _ in $(seq 50); do
        ssh -F "$BASE/ssh_config" -o ConnectTimeout=2 notebook true 2>/dev/null && return
        kill -0 "$SSHD_PID" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
# A port may be taken: then another one.
serve || serve || serve || fail "sshd does not start"
say "sshd listens on 127.0.0.1:$PORT"

# --- a notebook with a sweep of some seconds
mkdir -p "$NOTEBOOK/entries"
cat >"$NOTEBOOK/entries/2026-01-02-sweep.md" <<'MD'
---
title: A sweep over the line
---
```yaml experiment
id: sweep
dataset: {kind: teacher, inputs: 20, hidden: 8, classes: 4, train: 500, test: 500}
model: {kind: mlp, hidden: [64, 64], activation: relu}
optimizer: {learning_rate: 0.01, batch_size: 10}
stop: {epochs: 200}
arms:
  small: {optimizer: {batch_size: 5}}
  large: {}
seeds: 12
```
MD
RUNS=24
lowland() { "$PROGRAM" -C "$NOTEBOOK" "$@"; }
left() { lowland list --json | sed -n 's/.*"missing": *\([0-9]*\).*/\1/p'; }
done_now() { echo $((RUNS - $(left))); }
log() { cat "$NOTEBOOK/runs/.live/supervisor/log.jsonl" 2>/dev/null; }
screens() { pgrep -f "^$PROGRAM -C $NOTEBOOK --ascii\$"; }

# Opens the screen through ssh: keys go into descriptor $2, what is drawn into $1.screen.
connect() {
    mkfifo "$BASE/$1.keys"
    ssh -F "$BASE/ssh_config" -tt notebook \
        "stty rows 24 cols 80; TERM=xterm-256color exec '$PROGRAM' -C '$NOTEBOOK' --ascii" \
        <"$BASE/$1.keys" >"$BASE/$1.screen" 2>&1 &
    SSH_PID=$!
    eval "exec $2>'$BASE/$1.keys'"
}
shows() { plain "$BASE/$1.screen" | grep -q "$2"; }

# --- the first connection starts the sweep and is cut off in the midst of it
connect first 3
await "the screen" shows first "A sweep over"
printf '\r' >&3 && sleep 0.3 && printf ']r' >&3
await "a run in flight" shows first "running"
first_results() { [ "$(done_now)" -gt 0 ]; }
await "the first results" first_results
BEFORE=$(done_now)
say "the screen is open over ssh, r started the sweep: $BEFORE of $RUNS runs done"
kill -KILL "$SSH_PID"
wait "$SSH_PID" 2>/dev/null || true
exec 3>&-
gone() { ! screens; }
await "the end of the screen" gone
say "ssh killed: the screen is gone, $(done_now) of $RUNS runs done"
[ "$(done_now)" -lt "$RUNS" ] || fail "the sweep is too short to be cut off"
further() { [ "$(done_now)" -gt "$BEFORE" ]; }
await "progress without a screen" further
BEFORE=$(done_now)
say "nobody looks: $BEFORE of $RUNS runs done"

# --- the second finds it further on, and goes silent: no packet ends it, only the server's patience
connect second 4
await "the screen again" shows second "running"
say "reconnected: the screen shows the sweep running"
kill -STOP "$SSH_PID"
await "the server to give the silent line up" gone
kill -KILL "$SSH_PID"
wait "$SSH_PID" 2>/dev/null || true
exec 4>&-
say "a silent line given up by the server: $(done_now) of $RUNS runs done"

# --- the third sees the end
connect third 3
await "the screen a third time" shows third "A sweep over"
printf '\r]' >&3
all_done() { [ "$(left)" = 0 ]; }
await "the end of the sweep" all_done
await "fresh on the screen" shows third "fresh"
printf 'q' >&3
wait "$SSH_PID" || fail "the screen did not end well"
exec 3>&-
say "reconnected: the screen shows the finished sweep, q leaves"

# --- every run was begun once, by one supervisor
BEGUN=$(log | grep -c '"started"') || true
AGAIN=$(log | grep -c '"requeued"') || true
SUPERVISORS=$(log | grep -c '"begin"') || true
[ "$BEGUN/$AGAIN/$SUPERVISORS" = "$RUNS/0/1" ] || fail "$BEGUN runs begun, $AGAIN again, by $SUPERVISORS supervisors"
say "$BEGUN runs begun, $AGAIN of them again, by $SUPERVISORS supervisor; 3 connections, 2 cut: nothing was touched"
