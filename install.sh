#!/bin/sh
# Installs mlo for one user, or prepares and runs its tests. No root needed for the tool itself.
set -eu
umask 022

usage() {
  cat <<'END'
usage: ./install.sh [--prefix DIR] [--from TARBALL] [--yes]
       ./install.sh --uninstall [--prefix DIR]
       ./install.sh --test [--yes]

Builds mlo from this source tree and installs it below DIR.

  --prefix DIR     where to install: DIR/bin/mlo, DIR/lib/mlo, DIR/share (default: ~/.local)
  --from TARBALL   install this mlo-VERSION-linux-x64.tar.gz; needs neither a JDK nor Maven
  --uninstall      remove what an installation put below DIR
  --test           install the Debian packages the tests use (as root; else name them), then run
                   all tests
  --yes            answer yes to every question (as does CI=true)
  --help           show this
END
}

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "error: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}

source_tree=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
prefix=${HOME:-/root}/.local
tarball=
action=install
yes=${CI:-}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --from)
      if [ $# -lt 2 ] || [ -z "$2" ]; then
        say "error: $1 needs a value"
        exit 2
      fi
      if [ "$1" = --prefix ]; then prefix=$2; else tarball=$2; fi
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --from=*) tarball=${1#*=} ;;
    --uninstall) action=uninstall ;;
    --test) action=tests ;;
    --yes | -y) yes=true ;;
    --help | -h) usage; exit 0 ;;
    *) say "error: unknown argument: $1"; usage >&2; exit 2 ;;
  esac
  shift
done

# --- What building needs ---------------------------------------------------------------------

is_jdk_25() {
  [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ] && [ -r "$1/release" ] &&
    grep -q '^JAVA_VERSION="25[".]' "$1/release"
}

# Puts the first JDK 25 of the usual places into JAVA25_HOME, where Maven's toolchains look too.
find_jdk() {
  from_mac=
  [ ! -x /usr/libexec/java_home ] || from_mac=$(/usr/libexec/java_home -v 25 2>/dev/null || true)
  for candidate in "${JAVA25_HOME:-}" "${JAVA_HOME:-}" "$from_mac" /usr/lib/jvm/* /opt/jdk* \
    /opt/java/* "${SDKMAN_DIR:-${HOME:-/root}/.sdkman}"/candidates/java/* "${HOME:-/root}"/.jdks/*; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      JAVA25_HOME=$candidate
      export JAVA25_HOME
      return
    fi
  done
  fail 'no JDK 25 found' \
    'looked at JAVA_HOME, /usr/lib/jvm, /opt, SDKMAN, ~/.jdks and java_home; get one with' \
    'Debian:  apt install temurin-25-jdk    (from the Adoptium packages; Debian 14 has openjdk-25-jdk)' \
    'Ubuntu:  apt install openjdk-25-jdk' \
    'Fedora:  dnf install java-25-openjdk-devel' \
    'macOS:   brew install --cask temurin@25' \
    'or unpack one anywhere and set JAVA_HOME. No JDK is needed for ./install.sh --from TARBALL.'
}

agreed() {
  case $yes in true | 1 | yes) return 0 ;; esac
  [ -t 0 ] && [ -t 2 ] || return 1
  printf '%s [y/N] ' "$1" >&2
  read -r answer || return 1
  case $answer in y | Y | yes) return 0 ;; *) return 1 ;; esac
}

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Debian starts what it installs; the tests start their own servers, so here it may not.
apt_install() {
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    ours=true
  else
    ours=false
  fi
  DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 || say 'warning: apt-get update failed'
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 ||
    fail "apt-get could not install: $*"
  if [ "$ours" = true ]; then
    rm -f /usr/sbin/policy-rc.d
    trap - EXIT INT TERM HUP
  fi
}

find_maven() {
  command -v mvn >/dev/null && return
  if is_debian_root && agreed 'Maven is missing. Install the package maven now?'; then
    apt_install maven
    return
  fi
  fail 'no Maven found (mvn, 3.8 or later)' \
    'Debian, Ubuntu:  apt install maven' \
    'Fedora:          dnf install maven' \
    'macOS:           brew install maven' \
    'No Maven is needed for ./install.sh --from TARBALL.'
}

check_platform() {
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64' | 'Linux amd64') ;;
    *) fail "mlo runs on Linux on x86-64; this is $(uname -s) on $(uname -m)" \
      'elsewhere, install it inside a Linux container or virtual machine' ;;
  esac
}

# --- Installing ------------------------------------------------------------------------------

build() {
  find_jdk
  find_maven
  say 'building mlo (the first time, Maven also fetches libraries)'
  (cd "$source_tree" && mvn -B -q -ntp -Dstyle.color=never -DskipTests package >&2) || fail 'the build failed'
  tarball=$source_tree/cli/target/$(cat "$source_tree/cli/target/distribution")
}

# Four AOT caches, since Java pays at each start for every class in one: the two pages that are only
# printed, the commands that look, the build, the other commands that work. A registry where none is takes the same
# road as one that answers, for most of it. The launcher's own name for each cache holds the digest of
# the jars and the Java it was made from.
make_aot_caches() {
  (
    cd "$scratch"
    cp -R "$home/examples/iris/1.0.0" iris
    # Most projects lie in git, and a build asks it where it stands.
    ! command -v git >/dev/null || (
      cd iris && git init -q . && git add . &&
        git -c user.name=mlo -c user.email=mlo@localhost -c commit.gpgsign=false commit -qm iris
    ) >/dev/null 2>&1 </dev/null || true
    record page dev.mlo.cli.Mlo --version
    record build dev.mlo.cli.Rehearsal 'build -C iris' 'build -C iris -q' 'build --help'
    record work dev.mlo.cli.Rehearsal 'test -C iris' \
      'copy -C iris iris:1.0.0 tar:iris.tar --progress tty' 'promote -C iris iris:1.0.0 --to dev' \
      '!push -C iris iris:1.0.0 localhost:1/iris' 'test --help'
    record look dev.mlo.cli.Rehearsal version 'version -o json' 'completion bash' schema \
      'validate -C iris' 'list -C iris' 'list -C iris -q' 'inspect -C iris iris:1.0.0' 'runner list' \
      'status -C iris' 'history -C iris dev' '!list localhost:1/iris' 'list --help' '!no-such-command'
  )
}

record() {
  cache=$home/lib/mlo-$aot_key-$1.aot
  main=$2
  shift 2
  if ! MLO_MAIN=$main MLO_JAVA_OPTS="-XX:AOTCacheOutput=$cache.part" \
    XDG_CACHE_HOME="$scratch/cache" "$home/bin/mlo" "$@" >"$scratch/log" 2>&1 \
    </dev/null || [ ! -s "$cache.part" ]; then
    rm -f "$cache.part"
    say "warning: no AOT cache could be made for $1; mlo works, but starts slower:"
    tail -n 3 "$scratch/log" >&2
    return
  fi
  mv "$cache.part" "$cache"
}

is_in_use() {
  for process in /proc/[0-9]*/exe; do
    case $(readlink "$process" 2>/dev/null || true) in "$1"/*) return 0 ;; esac
  done
  return 1
}

install_completions() {
  install_file "$home/completions/mlo.bash" "$prefix/share/bash-completion/completions/mlo"
  install_file "$home/completions/mlo.zsh" "$prefix/share/zsh/site-functions/_mlo"
  install_file "$home/completions/mlo.fish" "$prefix/share/fish/vendor_completions.d/mlo.fish"
}

install_file() {
  mkdir -p "${2%/*}"
  cp "$1" "$2.$$"
  mv -f "$2.$$" "$2"
}

is_ours() {
  [ -h "$1" ] && case $(readlink "$1") in */lib/mlo/*/bin/mlo) true ;; *) false ;; esac
}

install_mlo() {
  check_platform
  mkdir -p "$prefix"
  prefix=$(CDPATH='' cd -- "$prefix" && pwd -P)
  [ -n "$tarball" ] || build
  [ -r "$tarball" ] || fail "cannot read $tarball"
  link=$prefix/bin/mlo
  if [ -e "$link" ] && ! is_ours "$link"; then
    fail "$link exists and is not of an installation of mlo" 'move it away or use another --prefix'
  fi
  lib=$prefix/lib/mlo
  mkdir -p "$lib" "$prefix/bin"
  exec 9>"$lib/.lock"
  ! command -v flock >/dev/null || flock 9

  scratch=$(mktemp -d "$lib/.new-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM HUP
  digest=$(sha256sum <"$tarball" | cut -c1-12)
  home=$(find "$lib" -maxdepth 1 -type d -name "*-$digest")
  if [ -z "$home" ] || [ ! -e "$home/.complete" ]; then
    mkdir "$scratch/home"
    tar -xzf "$tarball" -C "$scratch/home" --strip-components=1 --no-same-owner ||
      fail "$tarball is not a distribution of mlo"
    if [ ! -x "$scratch/home/bin/mlo" ] || [ ! -r "$scratch/home/VERSION" ]; then
      fail "$tarball is not a distribution of mlo"
    fi
    home=$lib/$(cat "$scratch/home/VERSION")-$digest
    rm -rf "$home"
    mv "$scratch/home" "$home"
    prepare
    : >"$home/.complete"
  fi

  ln -s "$home/bin/mlo" "$link.$$"
  mv -f "$link.$$" "$link"
  install_completions
  remove_others "$home"
  say "installed mlo $(cat "$home/VERSION"): $link"
  case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) say "note: $prefix/bin is not in PATH" ;;
  esac
}

# What is made once an installation rather than shipped: it depends on this machine or this path.
prepare() {
  aot_key=$(sed -n 's/^aot_key=//p' "$home/bin/mlo")
  say 'making the shared runner image'
  "$home/bin/mlo" runner build -q >/dev/null || fail 'the shared runner image could not be made'
  say 'making the AOT caches (faster start)'
  make_aot_caches
}

remove_others() {
  for other in "$lib"/*/; do
    other=${other%/}
    if [ "$other" != "$1" ] && [ -d "$other" ]; then
      if is_in_use "$other"; then
        say "note: $other is in use and stays; the next installation removes it"
      else
        rm -rf "$other"
      fi
    fi
  done
}

uninstall() {
  link=$prefix/bin/mlo
  if ! is_ours "$link" && [ ! -d "$prefix/lib/mlo" ]; then
    say "nothing of mlo is installed below $prefix"
    return
  fi
  ! is_ours "$link" || rm -f "$link"
  rm -rf "$prefix/lib/mlo"
  rm -f "$prefix/share/bash-completion/completions/mlo" "$prefix/share/zsh/site-functions/_mlo" \
    "$prefix/share/fish/vendor_completions.d/mlo.fish"
  say "removed mlo from $prefix; its cache stays in ${XDG_CACHE_HOME:-~/.cache}/mlo"
}

# --- Testing ---------------------------------------------------------------------------------

# Prints the Debian packages that the tests use and this machine lacks.
missing_packages() {
  command -v docker-registry >/dev/null || echo docker-registry
  command -v dockerd >/dev/null || echo docker.io
  command -v skopeo >/dev/null || echo skopeo
  command -v buildah >/dev/null || echo buildah
  command -v umoci >/dev/null || echo umoci
  command -v chromium >/dev/null || echo chromium
  /usr/bin/python3 -c 'import sklearn' 2>/dev/null || echo python3-sklearn
  /usr/bin/python3 -c 'import onnx' 2>/dev/null || echo python3-onnx
  [ -d "$image_spec" ] || echo golang-github-opencontainers-image-spec-dev
}

image_spec=/usr/share/gocode/src/github.com/opencontainers/image-spec/schema

# What Debian's stable release lacks or has too old, out of its unstable one, unpacked into a folder
# of the user's cache that is on PATH for the tests only. Whoever removes the folder gets it anew.
unstable_tools() {
  ! command -v crane >/dev/null || ! command -v oras >/dev/null || return 0
  tools=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mlo-test-tools
  if [ ! -d "$tools" ] && ! (fetch_tools); then
    say 'note: crane and oras could not be had from Debian unstable; the tests that use them are skipped'
    return 0
  fi
  PATH=$PATH:$tools/usr/bin
  export PATH
  [ ! -d "$tools$image_spec" ] || export MLO_IMAGE_SPEC="$tools$image_spec"
}

# apt works in a folder of its own and knows one suite of the mirror that this machine uses, under
# Debian's key; the machine's packages, lists and configuration stay as they are.
fetch_tools() {
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  command -v apt-get >/dev/null && command -v dpkg >/dev/null && [ -r "$keyring" ] || return 1
  # shellcheck disable=SC2016 # apt's own variable
  mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' \
    'Component: main' | grep -E '/debian(\.list)?/*$' | sort -u | head -n 1)
  [ -n "$mirror" ] || return 1

  work=$(mktemp -d) || return 1
  trap 'rm -rf "$work" "$tools.$$"' EXIT
  trap 'exit 130' INT TERM HUP
  chmod 755 "$work" # apt downloads as a user of its own
  write_apt_configuration
  say "fetching crane and oras from $mirror (unstable), once"
  unpack_tools >"$work/log" 2>&1 || {
    tail -n 1 "$work/log" >&2
    return 1
  }
}

write_apt_configuration() {
  mkdir -p "$work/lists" "$work/cache/archives" "$work/got"
  chmod 777 "$work/got"
  : >"$work/status"
  echo "deb [signed-by=$keyring arch=amd64 target=Packages lang=none] $mirror sid main" >"$work/sources"
  cat >"$work/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
END
}

# The folder appears when all is in it, and both programs run on this machine's C library.
unpack_tools() {
  apt-get -q -c "$work/apt.conf" --error-on=any update &&
    cd "$work/got" &&
    apt-get -q -c "$work/apt.conf" download crane oras golang-github-opencontainers-image-spec-dev &&
    mkdir -p "$tools.$$" &&
    for package in *.deb; do dpkg -x "$package" "$tools.$$" || return 1; done &&
    "$tools.$$/usr/bin/crane" version &&
    "$tools.$$/usr/bin/oras" version &&
    mv "$tools.$$" "$tools"
}

tests() {
  check_platform
  find_jdk
  find_maven
  missing=$(missing_packages | tr '\n' ' ')
  if [ -n "$missing" ]; then
    if is_debian_root; then
      # shellcheck disable=SC2086 # a list
      apt_install $missing
    else
      say "note: tests that need these Debian packages are skipped: $missing"
    fi
  fi
  unstable_tools
  cd "$source_tree"
  exec mvn -B -ntp verify
}

case $action in
  install) install_mlo ;;
  uninstall) uninstall ;;
  tests) tests ;;
esac
