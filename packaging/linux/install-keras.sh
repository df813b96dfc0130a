#!/bin/sh
# Adds the import of Keras models to a CatDog that its install.sh has installed into your home. The same version only.
# uninstall.sh of CatDog removes it, too.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
lib=$HOME/.local/lib
version=$(cat "$here/catdog-desktop-keras/version")

[ -x "$lib/catdog-desktop/catdog-cli" ] || { echo "install.sh: install CatDog $version first" >&2; exit 1; }
case $("$lib/catdog-desktop/catdog-cli" --version) in
    "CatDog $version" | "CatDog $version "*) ;;
    *) echo "install.sh: this belongs to CatDog $version, and another version is installed" >&2; exit 1 ;;
esac
rm -rf "$lib/catdog-desktop-keras.new"
trap 'rm -rf "$lib/catdog-desktop-keras.new"' EXIT
cp -R "$here/catdog-desktop-keras" "$lib/catdog-desktop-keras.new"
rm -rf "$lib/catdog-desktop-keras"
mv "$lib/catdog-desktop-keras.new" "$lib/catdog-desktop-keras"
trap - EXIT
echo "Installed. CatDog imports Keras models now."
