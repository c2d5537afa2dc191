#!/usr/bin/env bash
# Whole-server run: the release binary on loopback under a bounded load from wrk, for each number of areas.
#
#   scripts/bench-server.sh [AREAS ...]     default: 1637 100000
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CONNECTIONS=16 SECONDS_EACH=5 READY_LIMIT_S=120

command -v wrk >/dev/null || { echo "bench-server: wrk is missing: apt-get install wrk" >&2; exit 1; }
cargo build --release --locked --quiet
binary=${CARGO_TARGET_DIR:-target}/release/onemap

work=$(mktemp -d)
server=""
finish() {
  if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then wait "$server" || true; fi
  rm -rf "$work"
}
trap finish EXIT

# One line: the path, requests a second, the median and the 99th percentile, and what was not 2xx.
measure() {
  wrk -t1 -c"$CONNECTIONS" -d"${SECONDS_EACH}s" --latency -H 'Accept-Encoding: gzip' "http://$address$1" >"$work/wrk"
  awk -v path="$1" '/Requests\/sec/ {rate=$2} /50%/ {median=$2} /99%/ {tail=$2} /Non-2xx/ {bad=$NF}
    END {printf "| `%s` | %.0f | %s | %s | %d |\n", path, rate, median, tail, bad}' "$work/wrk"
}

sizes=("$@")
((${#sizes[@]})) || sizes=(1637 100000)
for count in "${sizes[@]}"; do
  store=$work/$count.gpkg
  "$binary" demo --store "$store" --areas "$count"
  "$binary" serve --store "$store" --listen 127.0.0.1:0 --rate-limits=false --address-file "$work/address-$count" 2>"$work/log" &
  server=$!
  deadline=$((SECONDS + READY_LIMIT_S))
  until [[ -s $work/address-$count ]]; do
    ((SECONDS < deadline)) || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  address=$(<"$work/address-$count")
  echo "$count areas, resident $(awk '/VmRSS/ {printf "%.0f MB", $2 / 1024}' "/proc/$server/status"), $(grep -o 'load_ms=[0-9]*' "$work/log")"
  echo "| request | per second | median | 99 % | not 2xx |"
  echo "|---|---|---|---|---|"
  measure /tiles/areas/13/6745/3102.mvt
  measure '/api/locate?lng=116.4712&lat=39.9501'
  measure '/api/search?q=zybl'
  measure '/api/collections/areas/items?bbox=116.45,39.88,116.46,39.89&limit=10'
  measure /api/rates
  measure /healthz
  kill -TERM "$server"
  wait "$server"
  server=""
done
