#!/bin/sh
# Makes .venv ready for one purpose; takes no time if it is ready already.
#
#   packaging/set_up.sh app            to run the app
#   packaging/set_up.sh demo           to show it on photos that packages ship
#   packaging/set_up.sh test-core      to test what needs no TensorFlow, and to lint
#   packaging/set_up.sh test           to test and train it (brings TensorFlow)
#   packaging/set_up.sh bundle         to freeze it
#   packaging/set_up.sh bundle-test    to test what was frozen
#   packaging/set_up.sh bundle-full    to freeze it with TensorFlow, and to test that
#   packaging/set_up.sh release        to make all packages
#   packaging/set_up.sh bench          to measure it beside Keras
#
# Finds Python 3.11 or newer, makes .venv, installs the project into it, and sees to the system libraries that Qt
# loads: as root on Debian and Ubuntu it installs what is missing, elsewhere it says exactly what to install.
set -eu

cd "$(dirname "$0")/.."
purpose=${1:-app}
venv=.venv
case $purpose in
    app)         extras="" ;;
    demo)        extras="[test]" ;;
    test-core)   extras="[test,cluster]" ;;
    test)        extras="[test,train,cluster]" ;;
    bundle)      extras="[build]" ;;
    bundle-test) extras="[test,build]" ;;
    bundle-full) extras="[test,train,build]" ;;
    release)     extras="[test,release]" ;;
    bench)       extras="[test,train,cluster,build]" ;;
    *) echo "set_up.sh: unknown purpose '$purpose' (app, demo, test-core, test, bundle, bundle-test, bundle-full, release, bench)" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$@" >&2; }
fail() { say "$@"; exit 1; }

# Two calls at once (two developers, two terminals) wait for each other.
if [ -z "${CATDOG_SET_UP_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
    CATDOG_SET_UP_LOCKED=1 exec flock .set_up.lock sh packaging/set_up.sh "$purpose"
fi

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "Installing from the system's packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    # Without an update first, a fresh machine has no lists, or old ones.
    apt-get update -qq </dev/null >/dev/null 2>&1 || say "apt-get update failed; trying with the lists at hand."
    if ! output=$(apt-get install -y -qq --no-install-recommends "$@" </dev/null 2>&1); then
        fail "$output" "apt-get could not install: $*"
    fi
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python3.14 python; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || fail "CatDog needs Python 3.11 or newer, and none was found." \
        "Install it (on Debian 12, Ubuntu 24.04 and newer: apt-get install python3) and try again."
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if can_install; then
            apt_install "python$version-venv"
        else
            fail "Python at $python has no venv module. Install it and try again:" \
                "    sudo apt-get install python$version-venv"
        fi
    fi
    say "Making $venv with $("$python" --version 2>&1)."
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

# A virtual environment knows its own path: one that was moved or copied is made anew.
usable_venv() { "$venv/bin/python" -c 'import pip' >/dev/null 2>&1 && new_enough "$venv/bin/python" \
    && grep -qF "$(pwd -P)/$venv" "$venv/bin/pip" 2>/dev/null; }

# Checked each time, since it takes 0.1 s and a system may lose libraries; the Python packages only when
# pyproject.toml has changed since they were installed.
see_to_libraries() {
    missing=$("$venv/bin/python" packaging/system_libraries.py "$@" | tr '\n' ' ')
    missing=${missing% }
    [ -n "$missing" ] || return 0
    if can_install; then
        # shellcheck disable=SC2086  # a list of package names
        apt_install $missing
    else
        fail "Some system packages are missing. Install them and try again:" "    sudo apt-get install $missing"
    fi
}

stamp_of() { printf '%s/.set-up/%s-%s' "$venv" "$1" "$(cksum <pyproject.toml | tr -d ' ')"; }
ready_for() {
    case $1 in
        app)         set -- app demo test-core test bundle bundle-test bundle-full bench ;;
        demo)        set -- demo test-core test bundle-test bundle-full bench ;;
        test-core)   set -- test-core test bench ;;
        bundle)      set -- bundle bundle-test bundle-full bench ;;
        bundle-test) set -- bundle-test bundle-full bench ;;
        release)     set -- release ;;
        *)           set -- "$1" bench ;;
    esac
    for name; do [ -e "$(stamp_of "$name")" ] && return 0; done
    return 1
}

usable_venv || make_venv
if ! ready_for "$purpose"; then
    say "Installing CatDog and what it needs to $venv (purpose: $purpose); this takes a minute or two."
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --editable ".$extras" </dev/null >&2 \
        || fail "pip could not install the packages; its message is above."
    mkdir -p "$venv/.set-up"
    : >"$(stamp_of "$purpose")"
fi
see_to_libraries
case $purpose in
    bundle-test | bundle-full) see_to_libraries tools ;;
    # Some tests are skipped, saying so, where strace, Xvfb or a screen reader's library is missing.
    test-core | test) ! can_install || { see_to_libraries tools; see_to_libraries reader; } ;;
esac
