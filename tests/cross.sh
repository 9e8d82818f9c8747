#!/usr/bin/env bash
# Results read by programs that know nothing of lowland: DuckDB and pandas, in a Python environment of their own.
# Nothing of this is needed to build, use or test lowland; without python3 or its package index it is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lowland/target}"
venv="${XDG_CACHE_HOME:-$HOME/.cache}/lowland/cross-venv"
skip() { echo "cross-check with DuckDB skipped: $*"; exit 0; }

command -v python3 >/dev/null || skip "there is no python3"
if ! "$venv/bin/python" -c 'import duckdb' 2>/dev/null; then
    rm -rf "$venv"
    python3 -m venv "$venv" >/dev/null 2>&1 || skip "python3 cannot make an environment (venv)"
    "$venv/bin/pip" install -q --retries 1 --timeout 20 --disable-pip-version-check duckdb >/dev/null 2>&1 ||
        skip "duckdb cannot be installed"
    # Only if it is quick to have: DuckDB is what counts.
    "$venv/bin/pip" install -q --retries 1 --timeout 20 --disable-pip-version-check --only-binary :all: pandas pyarrow >/dev/null 2>&1 || true
fi

notebook="$(mktemp -d)"
trap 'rm -rf "$notebook"' EXIT
read_it() { "$venv/bin/python" tests/cross/read_with_duckdb.py "$notebook" "$@"; }

echo "== as 200 processes left it"
LOWLAND_TEST_KEEP="$notebook" cargo test -q --release --locked --test writers two_hundred >/dev/null
# What the test itself counted there (see tests/writers.rs): 200 writers, 2 files of 3 runs each, one run of all.
read_it --runs 1201 --once
echo "== compacted"
mkdir -p "$notebook/entries"
cargo build -q --release --locked
"$CARGO_TARGET_DIR/release/lowland" compact -C "$notebook"
read_it --runs 1201 --once

echo "== two cells that measure different things, run one after the other"
rm -rf "${notebook:?}"/*
mkdir -p "$notebook/entries"
cell() { printf '```yaml experiment\nid: %s\n%s\nmeasure: %s\n```\n' "$1" "$settings" "$2"; }
settings='dataset: {kind: teacher, inputs: 5, hidden: 4, classes: 3, train: 60, test: 60}
loss: squared
optimizer: {learning_rate: 0.1, batch_size: 10}
stop: {epochs: 20}
seeds: 4'
{
    settings+=$'\nmodel: {hidden: [8], activation: tanh}' cell one '[lambda_max]'
    settings+=$'\nmodel: {hidden: [4], activation: relu}' cell two '[{hessian_trace: {probes: 4}}, sam_sharpness]'
} >"$notebook/entries/2026-01-02-two.md"
lowland() { "$CARGO_TARGET_DIR/release/lowland" "$@" -C "$notebook"; }
lowland run two#one >/dev/null
lowland run two#two >/dev/null
read_it --runs 8 --once
lowland compact
read_it --runs 8 --once
lowland verify
echo "cross-check with DuckDB passed"
