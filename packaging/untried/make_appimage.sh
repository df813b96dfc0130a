#!/bin/sh
# An AppImage of an unpacked bundle. Untried: appimagetool could not be had where this was written.
#
#   packaging/untried/make_appimage.sh dist/CatDog TARGET.AppImage
set -eu

bundle=$1
target=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dir=$work/CatDog.AppDir
mkdir -p "$dir/usr/lib"
cp -R "$bundle" "$dir/usr/lib/catdog-desktop"
cp -R "$bundle/share" "$dir/usr/share"
cp "$dir/usr/share/applications/catdog-desktop.desktop" "$dir/"
cp "$dir/usr/share/icons/hicolor/256x256/apps/catdog.png" "$dir/"
ln -s catdog.png "$dir/.DirIcon"
# One file for both programs: `CatDog.AppImage classify ...` is the command line.
cat >"$dir/AppRun" <<'EOF'
#!/bin/sh
lib=$(dirname "$(readlink -f "$0")")/usr/lib/catdog-desktop
case ${1:-} in
    classify | sort | export | watch | learn | undo | locate | backup | restore | forget | evaluate | import-model | models | doctor)
        exec "$lib/catdog-cli" "$@" ;;
    *) exec "$lib/CatDog" "$@" ;;
esac
EOF
chmod +x "$dir/AppRun"
ARCH=x86_64 appimagetool "$dir" "$target"
