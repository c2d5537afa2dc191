#!/usr/bin/env bash
# Checks the dependencies: licences, bans and sources always, known vulnerabilities when their database can be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FETCH_LIMIT_S=90

cargo deny --locked check --hide-inclusion-graph licenses bans sources
if timeout "$FETCH_LIMIT_S" cargo deny fetch db >/dev/null 2>&1; then
  cargo deny --locked check --disable-fetch advisories
else
  echo "deny: advisories skipped: the database of known vulnerabilities cannot be fetched from here"
fi
