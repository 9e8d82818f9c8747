#!/usr/bin/env bash
# A slow line stays usable: keys held down for some seconds over a real sshd may not put more on the line than one of
# 64 kbit/s takes, none of them may be lost, and whoever does nothing gets no bytes.
#
#   tests/slow.sh [PROGRAM]      needs sshd and ssh; says so and succeeds where they are not installed
#
# What is bounded is bytes against the time that really passed, so a slow machine only makes it easier.
set -euo pipefail

PROGRAM=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/lowland}")
source "$(dirname "$0")/common/sshd.sh"

# Bytes at once and per second (`tui/pace.rs`), and a tenth for what wraps them.
AT_ONCE=3300
PER_SECOND=6600

# --- a notebook with thirty entries that fill the screen, each with other words
ENTRIES=30
mkdir -p "$NOTEBOOK/entries"
for number in $(seq "$ENTRIES"); do
    {
        printf -- '---\ntitle: Number %s\n---\n' "$number"
        # What is on no other screen is sent in one piece.
        [ "$number" != 1 ] || printf 'QXZQXZQXZQXZ\n\n'
        for line in $(seq 40); do printf 'Line %s of entry %s says %s.\n\n' "$line" "$number" "$((number * line * 7919))"; done
    } >"$NOTEBOOK/entries/2026-01-$(printf '%02d' "$number")-number.md"
done

bytes() { stat -c %s "$BASE/line.screen"; }
# Until nothing has come for a second and a half.
settle() {
    local before=-1
    while [ "$before" != "$(bytes)" ]; do
        before=$(bytes)
        sleep 1.5
    done
}
hold() {
    local keys=$1 before began end sent nth
    before=$(bytes) began=$(date +%s%N)
    # One after the other: what two of them at once come to may be what stands there already.
    for nth in $(seq 0 79); do
        printf '%s' "${keys:nth % 2:1}" >&3
        sleep 0.05
    done
    settle
    # When the last byte came.
    end=$(stat -c %.9Y "$BASE/line.screen" | tr -d .) sent=$(($(bytes) - before))
    local most=$((AT_ONCE + PER_SECOND * (end - began) / 1000000000))
    say "$2: $sent bytes in $(((end - began) / 1000000)) ms, at most $most"
    [ "$sent" -gt 4000 ] || fail "nothing was drawn"
    [ "$sent" -le "$most" ] || fail "more than a line of 64 kbit/s takes"
}

connect line 3
await "the screen" shows line "Number $ENTRIES"
settle
hold 'Gg' "G and g in the log"
printf '\r' >&3
settle
hold $'\x04\x15' "^D and ^U in an entry"

# --- frames were dropped, and no key: from the first entry so many down is the last
printf '\x1b' >&3
sleep 0.3
printf 'g' >&3
for _ in $(seq $((ENTRIES - 1))); do printf 'j' >&3; done
await "the last entry" shows line "QXZQXZQXZQXZ"
say "$((ENTRIES - 1)) keys at once lead to the last of $ENTRIES entries"

settle
BEFORE=$(bytes)
sleep 3
[ "$(bytes)" = "$BEFORE" ] || fail "$(($(bytes) - BEFORE)) bytes while nothing happened"
say "no byte in 3 seconds in which nothing happened"
printf 'q' >&3
wait "$SSH_PID" || fail "the screen did not end well"
exec 3>&-
