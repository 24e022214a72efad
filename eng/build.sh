# What ./run, ./sightline and ./test share: the packages they need and the one build. Sourced; $here is the checkout.
# shellcheck shell=bash
PROGRAM=$here/src/Cli/bin/Release/net10.0/sightline.dll
RUN_PACKAGES=(g++ make cmake pkg-config libtorch-dev libopenblas0-pthread libvips-dev libzstd1 libcld2-dev postgresql fonts-noto-color-emoji unicode-data libicu72 procps)
export PATH=$PATH:$HOME/.dotnet:/usr/share/dotnet DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Installs Debian packages that are missing: as root, or by sudo where it asks for no password; otherwise says what to type.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  if ! command -v dotnet >/dev/null; then
    echo "The .NET SDK 10 is missing: see https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    exit 1
  fi
  [[ ${#missing[@]} -eq 0 ]] && return
  local as=()
  if [[ $(id -u) -ne 0 ]]; then
    if sudo -n true 2>/dev/null; then
      as=(sudo -n)
    else
      echo "These packages are missing; install them with" >&2
      echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "Installing ${missing[*]} ..." >&2
  # PostgreSQL's programs are wanted, a system cluster is not.
  if [[ ! -d /etc/postgresql ]]; then
    "${as[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" | "${as[@]}" tee /etc/postgresql-common/createcluster.d/sightline.conf >/dev/null
  fi
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { "${as[@]}" apt-get update -qq &&
      "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; }
}

# Builds the program unless it is newer than every source.
build() {
  local stamp=$here/.build/stamp
  if [[ -f $PROGRAM && -f $stamp ]] && [[ -z $(find "$here/src" "$here/native" "$here/bench" "$here/migrations" "$here/models" "$here"/Directory.* \
      -newer "$stamp" -type f -not -path '*/obj/*' -not -path '*/bin/*' -not -path '*/native/build/*' -print -quit) ]]; then
    return
  fi
  echo "Building ..." >&2
  mkdir -p "$here/.build"
  local log=$here/.build/log
  touch "$stamp.new"
  if ! dotnet build "$here/src/Cli/Cli.csproj" -c Release -v quiet -nologo >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
  fi
  mv "$stamp.new" "$stamp"
}

demo_folder() {
  if [[ -n ${SIGHTLINE_DATA:-} ]]; then
    echo "$SIGHTLINE_DATA/demo"
  elif [[ $(id -u) -eq 0 ]]; then
    echo /var/lib/sightline/demo
  else
    echo "${XDG_DATA_HOME:-$HOME/.local/share}/sightline/demo"
  fi
}
