#!/usr/bin/env bash
# Curvature against an independent implementation: curvlinops on PyTorch, in a Python environment of their own. Run by
# hand; nothing of this is needed to build, use or test lowland. PYTHON may name an interpreter that has both already.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lowland/target}"
venv="${XDG_CACHE_HOME:-$HOME/.cache}/lowland/curvature-venv"
skip() { echo "cross-check with curvlinops skipped: $*"; exit 0; }

if [ -z "${PYTHON:-}" ]; then
    PYTHON="$venv/bin/python"
    if ! "$PYTHON" -c 'import curvlinops, safetensors, pandas, pyarrow' 2>/dev/null; then
        command -v python3 >/dev/null || skip "there is no python3"
        rm -rf "$venv"
        python3 -m venv "$venv" >/dev/null 2>&1 || skip "python3 cannot make an environment (venv)"
        "$venv/bin/pip" install -q --disable-pip-version-check curvlinops-for-pytorch safetensors pandas pyarrow ||
            skip "curvlinops cannot be installed"
    fi
fi

notebook="$(mktemp -d)"
trap 'rm -rf "$notebook"' EXIT
mkdir -p "$notebook/entries" "$notebook/datasets"
cp datasets/digits.parquet "$notebook/datasets/"
cell() { printf '```yaml experiment\nid: %s-%s\n%s\nloss: %s\n```\n' "$1" "$2" "${settings//ACTIVATION/$1}" "$3"; }
settings='dataset: {name: digits, train: TRAIN, normalize: none}
model: {hidden: [10], activation: ACTIVATION, init: {kind: lecun, scale: 0.2}}
optimizer: {learning_rate: 0.01, batch_size: 32}
stop: {epochs: 3}'
train="$("$PYTHON" -c "import pandas; print((pandas.read_parquet('datasets/digits.parquet')['split'] == 'train').sum())")"
settings="${settings/TRAIN/$train}"
{
    cell tanh squared squared
    cell tanh cross cross_entropy
    cell relu cross cross_entropy
} >"$notebook/entries/2026-01-02-curvature.md"
cargo build -q --release --locked
lowland() { "$CARGO_TARGET_DIR/release/lowland" "$@" -C "$notebook"; }
lowland run curvature >/dev/null
# After the fact, so that stored weights are checked, too.
for id in tanh-squared tanh-cross relu-cross; do
    lowland measure "curvature#$id" full_spectrum eigenvalues:top=10,tolerance=1e-8,steps=400 lambda_min:tolerance=1e-8 \
        ggn_lambda_max hessian_trace:probes=1000 hutchpp_trace:probes=150 ggn_trace:probes=1000 hessian_square:probes=1000 \
        spectrum:steps=40,probes=40 effective_dimension:probes=40 >/dev/null
done
"$PYTHON" tests/cross/curvature.py "$notebook"
echo "cross-check with curvlinops passed"
