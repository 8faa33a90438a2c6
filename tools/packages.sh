# The Debian packages that a build and its tests need. Sourced by the other scripts here.
# shellcheck shell=bash

carillon_packages=(
  # the compiler and what drives it
  g++ cmake ninja-build ccache python3 python3-yaml
  # libraries; docs/dependencies.md says what each is for
  libboost1.81-dev libcaf-dev libcjose-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libjemalloc-dev librocksdb-dev
  libsimdjson-dev libspdlog-dev libssl-dev libsystemd-dev libtomlplusplus-dev prometheus-cpp-dev tzdata
  zlib1g-dev
  # the package, and its tests
  dpkg-dev groff-base systemd
  # tests, and the scripts themselves
  catch2 ca-certificates curl iproute2 jq nodejs openssl prometheus python3-dateutil python3-jsonschema
)

# Prints those of the given packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
      printf '%s\n' "$package"
  done
}

# Installs what is missing of carillon_packages and those given; says nothing when nothing is.
install_packages() {
  local list missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system. Needed, by their Debian names: ${carillon_packages[*]} $*" >&2
    return
  fi
  list=$(missing_packages "${carillon_packages[@]}" "$@")
  [[ -n $list ]] || return 0
  mapfile -t missing <<<"$list"
  echo "Installing Debian packages: ${missing[*]}"
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Neither root nor sudo: install them by hand and try again." >&2
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}
