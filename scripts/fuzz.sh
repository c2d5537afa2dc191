#!/usr/bin/env bash
# Fuzzes every reader of delivered files for a few seconds each: scripts/fuzz.sh [SECONDS] [TARGET...]
#
# A target fails when a file makes the reader panic, take more than 10 s or hold more than 512 MiB. Inputs that reach new
# code are kept in the cache folder, so that the next run begins where this one ended; those that fail are kept beside
# them and tried again first. No nightly compiler is needed: libFuzzer comes with its crate, compiled by the C++ compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly INPUT_LIMIT_S=10
readonly MEMORY_LIMIT_MB=512
readonly INPUT_BYTES_MAX=65536
# Threads that read deliveries in the server have no more than this.
readonly STACK_LIMIT_KIB=2048

seconds=${1:-5}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: scripts/fuzz.sh [SECONDS] [TARGET...]" >&2
  exit 2
fi
shift || true
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(basename -s .rs -a fuzz/src/bin/*.rs)

cache=${ONEMAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/onemap}
corpus=$cache/fuzz-corpus
found=$cache/fuzz-found
build=${CARGO_TARGET_DIR:+$CARGO_TARGET_DIR/fuzz}
build=${build:-fuzz/target}
host=$(rustc -vV | sed -n 's/^host: //p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# SQLite and libFuzzer are compiled once for all clones.
if command -v ccache >/dev/null && [[ -z ${CC:-}${CXX:-} ]]; then export CC="ccache cc" CXX="ccache c++"; fi

# With --target the flags are not for build scripts and macros, which have no libFuzzer.
sancov=(level=3 inline-8bit-counters pc-table trace-compares)
RUSTFLAGS="-C passes=sancov-module ${sancov[*]/#/-C llvm-args=-sanitizer-coverage-}" \
  cargo build --quiet --locked --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$build"
binaries=$build/$host/debug
"$binaries/onemap-fuzz" "$work/seeds"

# One reader works at a time, and none with threads: a run is then told by its input alone.
export RAYON_NUM_THREADS=1
ulimit -S -s "$STACK_LIMIT_KIB"
failed=()
for target in "${targets[@]}"; do
  mkdir -p "$corpus/$target" "$found/$target"
  log=$work/$target.log
  words=()
  if [[ -e fuzz/dictionaries/${target%%_*}.dict ]]; then words=(-dict="fuzz/dictionaries/${target%%_*}.dict"); fi
  if "$binaries/$target" -max_total_time="$seconds" -timeout="$INPUT_LIMIT_S" -rss_limit_mb="$MEMORY_LIMIT_MB" \
    -max_len="$INPUT_BYTES_MAX" -print_final_stats=1 "${words[@]}" -artifact_prefix="$found/$target/" \
    "$corpus/$target" "$found/$target" "$work/seeds/$target" >"$log" 2>&1; then
    printf 'fuzz: %-20s %9d inputs, %6d covered\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)"
  else
    failed+=("$target")
    tail -n 60 "$log" | sed "s/^/$target: /" >&2
    echo "fuzz: $target FAILED" >&2
  fi
done
if ((${#failed[@]})); then
  echo "fuzz: failed: ${failed[*]}; the inputs are kept in $found" >&2
  exit 1
fi
echo "fuzz: ${#targets[@]} readers survived $seconds s each"
