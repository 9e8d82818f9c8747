#!/usr/bin/env bash
# Runs outlive the line: a real sshd on 127.0.0.1 with a throw-away key, the screen opened through it, a sweep started,
# the connection cut abruptly and silently, and the sweep found further on, and finished, by the next connection.
#
#   tests/ssh.sh [PROGRAM]      needs sshd and ssh; says so and succeeds where they are not installed
set -euo pipefail

PROGRAM=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/lowland}")
source "$(dirname "$0")/common/sshd.sh"

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
stop: {epochs: 800}
arms:
  small: {optimizer: {batch_size: 5}}
  large: {}
seeds: 12
```
MD
RUNS=24
left() { lowland list --json | sed -n 's/.*"missing": *\([0-9]*\).*/\1/p'; }
done_now() { echo $((RUNS - $(left))); }
log() { cat "$NOTEBOOK/runs/.live/supervisor/log.jsonl" 2>/dev/null; }

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
