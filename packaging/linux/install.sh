#!/bin/sh
# Installs CatDog into your home: program, menu entry, icon, file types, man pages and completions. No root, no network.
#
#   ./install.sh            install, or replace an older version; settings and stored data stay
#   ~/.local/lib/catdog-desktop/uninstall.sh    remove it again
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
data=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
lib=$HOME/.local/lib/catdog-desktop

case $(uname -s)-$(uname -m) in
    Linux-x86_64) ;;
    *) echo "install.sh: this build is for Linux on x86_64, not for $(uname -s) on $(uname -m)" >&2; exit 1 ;;
esac

[ ! -x "$lib/uninstall.sh" ] || "$lib/uninstall.sh" --quiet
mkdir -p "$bin" "$data" "$(dirname "$lib")"

# Complete first, then in its place: a full disk or Ctrl+C leaves no half program.
rm -rf "$lib.new"
trap 'rm -rf "$lib.new"' EXIT
cp -R "$here" "$lib.new"
mv "$lib.new" "$lib"
trap - EXIT

list=$lib/installed-files
: >"$list"
ln -sf "$lib/CatDog" "$bin/catdog-desktop"
ln -sf "$lib/catdog-cli" "$bin/catdog"
printf '%s\n' "$bin/catdog-desktop" "$bin/catdog" >>"$list"
(cd "$lib/share" && find . -type f | LC_ALL=C sort) | while IFS= read -r file; do
    file=${file#./}
    mkdir -p "$(dirname "$data/$file")"
    case $file in
        # With the full path, since a desktop need not have ~/.local/bin in its PATH.
        applications/*) sed "s|^Exec=catdog-desktop|Exec=\"$bin/catdog-desktop\"|" "$lib/share/$file" >"$data/$file" ;;
        *) cp "$lib/share/$file" "$data/$file" ;;
    esac
    echo "$data/$file" >>"$list"
done
sh "$lib/uninstall.sh" --update-caches
echo "Installed. Start CatDog from the menu, or as $bin/catdog-desktop; the command line is $bin/catdog."
case :$PATH: in
    *:"$bin":*) ;;
    *) echo "$bin is not in your PATH. Add it to use catdog and catdog-desktop by name." ;;
esac
