#!/usr/bin/env bash
# Asks everything that /api/openapi.json describes, with generated questions, and holds the answers against it.
#
#   scripts/openapi.sh
#
# Needs schemathesis 4 (pip install schemathesis) on the PATH; `make test` does not call this, it takes some minutes. Asked
# is a debug build with the demonstration district, a delivery and a report: by nobody in particular, by a clerk, and by
# whoever keeps the accounts. EXAMPLES says how many questions of each operation are made up (default 30).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly READY_LIMIT_S=60
readonly CHECKS=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method

work=$(mktemp -d)
server=""
finish() {
  if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then wait "$server" || true; fi
  rm -rf "$work"
}
trap finish EXIT

command -v schemathesis >/dev/null || { echo "openapi: schemathesis is missing: pip install schemathesis" >&2; exit 1; }
cargo build --locked
binary=$(realpath "${CARGO_TARGET_DIR:-target}/debug/onemap")
"$binary" demo --store "$work/onemap.gpkg"
password="openapi $(od -An -N15 -tx1 /dev/urandom | tr -d ' \n')"
for role in clerk admin; do
  "$binary" account add "$role" --role "$role" --password-stdin --store "$work/onemap.gpkg" <<<"$password"
done
"$binary" serve --store "$work/onemap.gpkg" --listen 127.0.0.1:0 --rate-limits=false --address-file "$work/address" 2>"$work/server.log" &
server=$!
for ((second = 0; second < READY_LIMIT_S; second++)); do
  if [[ -s $work/address ]]; then break; fi
  sleep 1
done
base=http://$(cat "$work/address")

sign_in() {
  curl -sf -c "$work/$1" -H 'content-type: application/json' -o /dev/null -d "{\"name\":\"$1\",\"password\":\"$password\"}" "$base/api/session"
}
cookie() { echo "Cookie: onemap=$(awk '$6 == "onemap" { print $7 }' "$work/$1")"; }
post() { curl -sf -o /dev/null -H "$(cookie clerk)" -H 'content-type: application/json' -d "$2" "$base$1"; }
sign_in clerk
sign_in admin

# Delivery 1 has some areas under other names, so that there is something to decide; report 1 waits for an answer.
curl -sf "$base/api/collections/areas/items?limit=20" | sed 's/"name":"\([^"]*\)"/"name":"\1 东区"/g' >"$work/delivered.geojson"
curl -sf -o /dev/null -H "$(cookie clerk)" -F sender=openapi -F "file=@$work/delivered.geojson" "$base/api/deliveries"
post /api/deliveries/1/check '{"scope":"listed","effective":"2022-10-27"}'
post /api/deliveries/1/reconciliation '{}'
post /api/reports '{"place":{"type":"Point","coordinates":[116.45,39.95]},"reason":"boundary_wrong","text":"openapi"}'

# It keeps notes in the folder where it runs.
config=$PWD/scripts/openapi.toml
cd "$work"
ask() {
  schemathesis --config-file "$config" run "$base/api/openapi.json" --checks "$CHECKS" --phases examples,coverage,fuzzing \
    --max-examples "${EXAMPLES:-30}" --continue-on-failure --request-timeout 20 --seed 1 "$@"
}

failed=0
ask || failed=1
# What ends the session would end the questions.
ask -H "$(cookie clerk)" --exclude-operation-id end_session --exclude-operation-id change_password || failed=1
ask -H "$(cookie admin)" --include-path-regex '^/api/(accounts|audit|tokens)' || failed=1
if grep -q ' ERROR ' "$work/server.log"; then
  grep ' ERROR ' "$work/server.log" >&2
  failed=1
fi
exit "$failed"
