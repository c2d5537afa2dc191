#!/usr/bin/env bash
# End-to-end test: the real binary with the demonstration district, a real browser, and a clean shutdown.
#
# The server must become ready, pass the browser tests, end with exit code 0 on SIGTERM and have logged neither a warning
# nor an error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly READY_LIMIT_S=60
readonly BROWSER_LIMIT_S=900

work=$(mktemp -d)
server=""
finish() {
  if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then wait "$server" || true; fi
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "e2e: $*" >&2
  if [[ -s $work/server.log ]]; then sed 's/^/server: /' "$work/server.log" >&2; fi
  exit 1
}

answers() { node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$1"; }

cargo build --locked
binary=${CARGO_TARGET_DIR:-target}/debug/onemap
store=$work/onemap.gpkg
# A setting of the caller must not reach the server under test, nor its log be coloured.
for name in $(compgen -e | grep -E '^(ONEMAP_|RUST_LOG$)'); do unset "$name"; done
export NO_COLOR=1

"$binary" demo --store "$store"
# One account for each role, with a password of this run.
ONEMAP_E2E_PASSWORD="e2e $(od -An -N15 -tx1 /dev/urandom | tr -d ' \n')"
export ONEMAP_E2E_PASSWORD
for role in clerk officer officer-two district auditor admin; do
  street=()
  if [[ $role == officer* ]]; then street=(--street 110105017); fi
  if [[ $role == officer-two ]]; then street+=(--street 110105001); fi
  "$binary" account add "e2e-$role" --role "${role%-two}" "${street[@]}" --password-stdin --store "$store" \
    <<<"$ONEMAP_E2E_PASSWORD" >"$work/account.log" 2>&1 || fail "no account for $role: $(<"$work/account.log")"
done
# The tests of roles sign in and report more often in a minute than one address may.
"$binary" serve --store "$store" --listen 127.0.0.1:0 --address-file "$work/address" --rate-limits=false >"$work/server.log" 2>&1 &
server=$!

deadline=$((SECONDS + READY_LIMIT_S))
until [[ -s $work/address ]] && answers "http://$(<"$work/address")/readyz"; do
  kill -0 "$server" 2>/dev/null || fail "the server ended before it was ready"
  ((SECONDS < deadline)) || fail "the server was not ready after $READY_LIMIT_S s"
  sleep 0.2
done

ONEMAP_URL="http://$(<"$work/address")" timeout "$BROWSER_LIMIT_S" npm --prefix web run e2e || fail "the browser tests failed"

kill -TERM "$server" 2>/dev/null || fail "the server ended during the tests"
status=0
wait "$server" || status=$?
server=""
((status == 0)) || fail "the server ended with exit code $status after SIGTERM"
if grep -E -w 'WARN|ERROR' "$work/server.log" >/dev/null; then fail "the server logged a warning or an error"; fi
echo "e2e: ready, browser tests passed, clean log, exit code 0"
