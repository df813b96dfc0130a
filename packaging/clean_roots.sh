#!/bin/sh
# Installs and uses the packages in clean systems, made by debootstrap. Needs root, debootstrap and a Debian mirror:
# MIRROR, else debootstrap's own.
#
#   packaging/clean_roots.sh RELEASE_FOLDER WORK_FOLDER [OLD_DEB]     for SUITES="bookworm trixie"
#
# For each suite: install, doctor, classify, the window under Xvfb with a drop (the self-test), open-with by gio,
# upgrade from OLD_DEB keeping settings and store, remove, purge. Then the archive's install.sh as an ordinary user. The
# .rpm and the Arch package are unpacked in the last root and run there: that is not their own system.
set -eu

release=$(cd "$1" && pwd -P)
mkdir -p "$2"
work=$(cd "$2" && pwd -P)
old=${3:-}
photo=$(cd "$(dirname "$0")/.." && pwd -P)/resources/photos/cat.jpg
here=$(cd "$(dirname "$0")" && pwd -P)

root=""
clean_up() {
    [ -z "$root" ] || umount "$root/proc" "$root/dev" 2>/dev/null || true
}
trap clean_up EXIT

step() { printf '%s: %s\n' "${root##*/}" "$*"; }
fail() { printf '%s: FAILED: %s\n' "${root##*/}" "$*" >&2; exit 1; }
# As the user of the root, with an environment of its own.
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/home/ada "$@"; }

for suite in ${SUITES:-bookworm trixie}; do
    clean_up
    root=$work/$suite
    if [ ! -e "$root/etc/debian_version" ]; then
        debootstrap --variant=minbase "$suite" "$root" ${MIRROR:+"$MIRROR"} >"$work/$suite.log" 2>&1
    fi
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    inside dpkg --purge catdog-desktop >/dev/null 2>&1 || true # of a run that failed
    rm -rf "$root/home/ada"
    mkdir -p "$root/packages" "$root/home/ada"
    grep -q '^ada:' "$root/etc/passwd" || inside useradd --uid 1000 --home /home/ada --shell /bin/sh ada
    cp "$photo" "$root/home/ada/cat.jpg"
    cp "$here/in_clean_root.py" "$root/packages/"
    chown -R 1000:1000 "$root/home/ada"
    rm -f "$root"/packages/*.deb "$root"/packages/*.tar.xz
    cp "$release"/catdog-desktop_*.deb "$root/packages/new.deb"
    inside apt-get update -qq

    find "$root" -xdev -path "$root/proc" -prune -o -path "$root/dev" -prune -o -path "$root/var" -prune -o -print \
        | LC_ALL=C sort >"$work/before"
    if [ -n "$old" ]; then
        cp "$old" "$root/packages/old.deb"
        inside apt-get install -y -qq --no-install-recommends /packages/old.deb >/dev/null 2>&1 || fail "install 1.0"
        as_user catdog classify --format jsonl /home/ada/cat.jpg >"$work/old.jsonl" || fail "classify by 1.0"
        as_user sh -c 'mkdir -p ~/.config/CatDog && echo "{\"theme\": \"dark\"}" >~/.config/CatDog/settings.json'
        step "1.0 classified: $(cut -c 1-100 "$work/old.jsonl")"
    fi
    inside apt-get install -y -qq --no-install-recommends /packages/new.deb >"$work/install.log" 2>&1 \
        || { cat "$work/install.log"; fail install; }
    step "installed $(inside dpkg-query -W -f '${Version}, ${Installed-Size} kB' catdog-desktop)"
    [ -z "$old" ] || grep -q '"dark"' "$root/home/ada/.config/CatDog/settings.json" || fail "the settings were lost"
    as_user catdog --version
    as_user catdog doctor >"$work/doctor-$suite.txt" || { cat "$work/doctor-$suite.txt"; fail doctor; }
    as_user catdog classify --format jsonl /home/ada/cat.jpg | grep -q '"verdict": "cat"' || fail classify
    if [ -n "$old" ]; then
        as_user catdog forget --dry-run >"$work/stored-$suite.txt" 2>&1 || fail "the store of 1.0"
        grep -q photo "$work/stored-$suite.txt" || fail "the results of 1.0 were lost"
        step "upgraded: settings and store of 1.0 are used"
    fi
    step "doctor and classify work"

    inside apt-get install -y -qq --no-install-recommends xvfb xauth xdotool python3 libglib2.0-bin \
        shared-mime-info desktop-file-utils fonts-dejavu-core >/dev/null 2>&1 || fail "tools for the window"
    as_user xvfb-run -a python3 /packages/in_clean_root.py || fail window
    step "window, drop, second start and open-with work"

    inside apt-get remove -y -qq catdog-desktop >/dev/null 2>&1 || fail remove
    inside dpkg --purge catdog-desktop >/dev/null 2>&1 || fail purge
    left=$(find "$root" -xdev -path "$root/proc" -prune -o -path "$root/dev" -prune -o -path "$root/home" -prune \
        -o -iname '*catdog*' -print)
    [ -z "$left" ] || fail "left behind: $left"
    [ -e "$root/home/ada/.config/CatDog/settings.json" ] || [ -z "$old" ] || fail "purge touched a home folder"
    step "removed and purged without traces; the home folder is untouched"

    rm -rf "$root/home/ada/archive"
    mkdir "$root/home/ada/archive"
    tar -xJf "$release"/CatDog-*-linux-x86_64.tar.xz -C "$root/home/ada/archive" --strip-components=1
    chown -R 1000:1000 "$root/home/ada"
    as_user /home/ada/archive/install.sh >/dev/null || fail install.sh
    as_user /home/ada/.local/bin/catdog classify /home/ada/cat.jpg >/dev/null || fail "classify from the archive"
    as_user /home/ada/.local/lib/catdog-desktop/uninstall.sh >/dev/null || fail uninstall.sh
    left=$(find "$root/home/ada/.local" -iname '*catdog*' -not -path '*/share/CatDog*' -not -path '*/state/CatDog*')
    [ -z "$left" ] || fail "uninstall.sh left $left"
    step "install.sh and uninstall.sh work"
done

step "foreign systems: unpacked here, since their own systems cannot be had"
for package in "$release"/*.rpm "$release"/*.pkg.tar.zst; do
    rm -rf "$root/packages/foreign"
    mkdir "$root/packages/foreign"
    bsdtar -xf "$package" -C "$root/packages/foreign"
    as_user /packages/foreign/usr/bin/catdog classify /home/ada/cat.jpg >/dev/null || fail "$package"
    step "$(basename "$package") runs"
done
rm -rf "$root/packages/foreign"
