# What building Saksi needs; sourced by deploy/demo, deploy/sbom and tests/run from the root
# of the repository. Installs Debian's packages, and names in one line what only a person can
# install. Never lets rustup fetch a toolchain by itself.
export RUSTUP_AUTO_INSTALL=0
# Where rustup puts cargo, should the shell not know yet.
export PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

# A failure that the person at the keyboard can mend.
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

# install_packages PACKAGE…: Debian packages, as root or with sudo.
install_packages() {
    command -v apt-get >/dev/null || stop "Missing: $*. Install them (Debian's names) and start again."
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || stop "Missing: $*. As root: apt-get install $*"
        as_root=(sudo)
    fi
    echo "    installing $*"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# A C compiler (SQLite, ring and aws-lc are C and are compiled here; on Linux none
# needs cmake) and a Rust that is new enough.
build_needs() {
    cc -x c -include stdlib.h -fsyntax-only /dev/null 2>/dev/null || install_packages gcc libc6-dev

    local wanted found
    # The collector's is the highest of the workspace.
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' collector/Cargo.toml)
    found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2) || found=""
    if [[ -z $found ]] || ! cargo --version >/dev/null 2>&1; then
        stop "Missing: Rust $wanted or newer. Install it with rustup and start again."
    fi
    if [[ $(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1) != "$wanted" ]]; then
        stop "Rust $found is too old; $wanted or newer is needed: rustup update stable"
    fi
    echo "    Rust $found, $(cc --version | head -n 1)"
}

# Where tools that are made in Rust are installed: beside what they work on.
readonly tools=$PWD/target/tools

# need_tool NAME VERSION TIME: a program of cargo's registry, of exactly this version.
need_tool() {
    local listed
    listed=$(cargo install --list --root "$tools" 2>/dev/null | sed -n "s/^$1 v\([^ :]*\).*/\1/p")
    [[ $listed != "$2" || ! -x $tools/bin/$1 ]] || return 0
    echo "    installing $1 $2 into target/tools (about $3)"
    cargo install "$1" --locked --version "$2" --root "$tools" --quiet
}
