#!/usr/bin/env bash
# Installs what is missing for `make run` or `make test`, and nothing else.
#
#   scripts/setup.sh run     what it takes to build and serve
#   scripts/setup.sh test    the same, and what the checks and the browser tests need
#
# A tool that is already there, from wherever, is left alone. Debian's packages are installed with apt-get, with sudo
# when not root; the two checkers that Debian does not have go once into a cache folder: typos as its authors built it for
# PyPI, where there is pip, and else, as cargo-deny, built by cargo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NODE_MAJOR=18
readonly TYPOS_VERSION=1.52.0
readonly CARGO_DENY_VERSION=0.20.2

goal=${1:-run}
if [[ $goal != run && $goal != test ]]; then
  echo "usage: scripts/setup.sh [run|test]" >&2
  exit 2
fi

cache=${ONEMAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/onemap}
export PATH="$cache/tools/bin:$PATH:$HOME/.cargo/bin"

say() { echo "setup: $*"; }
stop() {
  echo "setup: $*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

packages=()
need() {
  packages+=("$1")
  say "$1 is missing: $2"
}

has_node() { has node && node -e "process.exit(parseInt(process.versions.node) >= $NODE_MAJOR ? 0 : 1)"; }
# Debian keeps the server's programs off the PATH, one folder a version.
has_postgres() { has initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; }
has_postgis() {
  has pg_config && [[ -f $(pg_config --sharedir)/extension/postgis.control ]] ||
    compgen -G "/usr/share/postgresql/*/extension/postgis.control" >/dev/null
}
has_chinese_font() { has fc-list && [[ -n $(fc-list :lang=zh-cn family) ]]; }

check_rust() {
  has cargo || stop "there is no Rust here: install it from https://rustup.rs and run this again"
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
  found=$(rustc --version | cut -d ' ' -f 2)
  if [[ $(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1) != "$wanted" ]]; then
    stop "Rust $found is too old, $wanted or newer is needed: run 'rustup update stable'"
  fi
}

find_missing_packages() {
  { has cc && has c++ && has make; } || need build-essential "the C and C++ compiler for SQLite and PROJ"
  has cmake || need cmake "it configures the build of PROJ"
  has sqlite3 || need sqlite3 "the build of PROJ makes its table of reference systems with it"
  has ccache || need ccache "so that PROJ is compiled once and not for every profile"
  has_node || need nodejs "Node.js $NODE_MAJOR or newer builds the front end"
  has npm || need npm "it fetches the front end's libraries by the lock file"
  if [[ $goal == test ]]; then
    has git || need git "the tidiness test asks it which files belong to the project"
    has chromium || need chromium "the browser of the end-to-end tests"
    has_chinese_font || need fonts-noto-cjk "without it the browser draws Chinese as boxes"
    has_postgres || need postgresql "the tests start a database of their own"
    has_postgis || need postgresql-postgis "the geometry of that database"
    has openssl || need openssl "it makes the certificates of that database"
    has ogrinfo || need gdal-bin "an independent reader checks the GeoPackage"
  fi
}

install_packages() {
  ((${#packages[@]})) || return 0
  has apt-get || stop "there is no apt-get here: install the counterparts of these yourself: ${packages[*]}"
  local as_root=()
  if ((EUID != 0)); then
    has sudo || stop "there is no sudo here: run as root 'apt-get install -y --no-install-recommends ${packages[*]}'"
    as_root=(sudo)
  fi
  say "installing ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
  has_node || stop "'node' on the PATH is $(node --version), older than $NODE_MAJOR: remove it or put a newer one first"
}

install_rust_components() {
  local component
  for component in clippy rustfmt; do
    if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
      has rustup || stop "cargo has no $component and there is no rustup: install $component with your Rust"
      say "$component is missing: one of the checks"
      rustup component add "$component"
    fi
  done
}

# Builds one crate's program into the cache folder. Speed of building matters here, not speed of running.
install_checker() {
  local crate=$1 version=$2 reason=$3
  say "$crate $version is missing: $reason; building it once, this takes a few minutes"
  env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 \
    cargo install --quiet --locked --root "$cache/tools" --version "$version" "$crate"
}

# The authors' own build takes seconds to fetch; building it takes two minutes of every first run.
install_typos() {
  if has pip3; then
    say "typos $TYPOS_VERSION is missing: it finds spelling mistakes; fetching it"
    mkdir -p "$cache/tools/bin"
    if pip3 install --quiet --no-deps --target "$cache/tools/typos" "typos==$TYPOS_VERSION" 2>/dev/null; then
      ln -sf ../typos/bin/typos "$cache/tools/bin/typos"
      return 0
    fi
  fi
  install_checker typos-cli "$TYPOS_VERSION" "it finds spelling mistakes"
}

check_rust
find_missing_packages
install_packages
if [[ $goal == test ]]; then
  install_rust_components
  [[ $(typos --version 2>/dev/null) == "typos-cli $TYPOS_VERSION" ]] ||
    install_typos
  [[ $(cargo-deny --version 2>/dev/null) == "cargo-deny $CARGO_DENY_VERSION" ]] ||
    install_checker cargo-deny "$CARGO_DENY_VERSION" "it checks licences and sources of the dependencies"
fi
say "everything for 'make $goal' is here"
