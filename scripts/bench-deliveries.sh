#!/usr/bin/env bash
# Deliveries end to end, by the release binary: a Shapefile in GBK checked, a million polygons checked and brought in, and two
# files compared.
#
#   scripts/bench-deliveries.sh [COUNT ...]     default: 100000 1000000
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FEATURES=1652 RUNS=5

command -v ogr2ogr >/dev/null || { echo "bench-deliveries: ogr2ogr is missing: apt-get install gdal-bin" >&2; exit 1; }
cargo build --release --locked --quiet
binary=$(realpath "${CARGO_TARGET_DIR:-target}/release/onemap")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a command; prints seconds and the most memory it held, MB. A delivery with findings ends with 3.
measure() {
  python3 - "$@" <<'PY'
import resource, subprocess, sys, time
begun = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
seconds = time.monotonic() - begun
if code not in (0, 3):
    sys.exit(f"bench-deliveries: {' '.join(sys.argv[1:4])} ended with {code}")
print(f"{seconds:.2f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}")
PY
}

"$binary" demo --out "$work/demo" >/dev/null
"$binary" demo --store "$work/register.gpkg" >/dev/null
"$binary" demo --areas "$FEATURES" --store "$work/more.gpkg" >/dev/null
"$binary" export --store "$work/more.gpkg" "$work/areas.gpkg" >/dev/null
ogr2ogr -q -f 'ESRI Shapefile' -lco ENCODING=GBK "$work/areas.shp" "$work/areas.gpkg" 2>/dev/null

echo "$FEATURES features as a Shapefile in GBK, checked against the demonstration district"
echo
echo "| seconds | MB |"
echo "|---|---|"
for ((run = 0; run < RUNS; run++)); do measure "$binary" check "$work/areas.shp" --store "$work/register.gpkg"; done |
  sort -n | awk '{seconds[NR] = $1; mb[NR] = $2} END {m = int((NR + 1) / 2); printf "| %s | %s |\n", seconds[m], mb[m]}'

counts=("$@")
((${#counts[@]})) || counts=(100000 1000000)
echo
echo "| polygons | what | seconds | a second | MB |"
echo "|---|---|---|---|---|"
for count in "${counts[@]}"; do
  node scripts/lattice.mjs "$work/demo" "$count" >"$work/lattice.geojsonl"
  row() {
    local what=$1 seconds mb
    shift
    read -r seconds mb < <(measure "$@")
    awk -v count="$count" -v what="$what" -v seconds="$seconds" -v mb="$mb" \
      'BEGIN {printf "| %d | %s | %s | %d | %s |\n", count, what, seconds, count / seconds, mb}'
  }
  row 'checked by themselves' "$binary" check "$work/lattice.geojsonl" --alone
  row 'checked against the register' "$binary" check "$work/lattice.geojsonl" --store "$work/register.gpkg"
  cp "$work/register.gpkg" "$work/copy.gpkg"
  row 'brought in: checked, entered, committed' "$binary" import "$work/lattice.geojsonl" --store "$work/copy.gpkg" --as bench \
    --record bench --authority bench --dated 2023-06-01 --commit
  rm -f "$work"/copy.gpkg*
done

# The whole command on files of both sides, which differ as `medium` deliveries of the tests do.
counts=("$@")
((${#counts[@]})) || counts=(1637 100000)
echo
echo "| rows on the left | onemap reconcile: read, compared, three files written | seconds | MB |"
echo "|---|---|---|---|"
for count in "${counts[@]}"; do
  ONEMAP_BENCH_STAGES=$count ONEMAP_BENCH_FILES="$work" cargo bench --locked --quiet --bench reconcile
  read -r seconds mb < <(measure "$binary" reconcile --left "$work/left.geojson" --right "$work/right.geojson" \
    --out "$work/result.csv" --attrs "$work/attrs.csv" --report "$work/report.html")
  printf '| %d | %d statements | %s | %s |\n' "$count" "$(($(wc -l <"$work/result.csv") - 1))" "$seconds" "$mb"
done
