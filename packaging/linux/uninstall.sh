#!/bin/sh
# Removes what install.sh has installed. Your settings, results and models stay; `catdog forget --everything` deletes
# those before you remove the program, and `catdog doctor` shows their folders.
set -eu

data=${XDG_DATA_HOME:-$HOME/.local/share}
lib=$(cd "$(dirname "$0")" && pwd -P)
list=$lib/installed-files

update_caches() {
    ! command -v update-desktop-database >/dev/null 2>&1 || update-desktop-database -q "$data/applications" || true
    ! command -v update-mime-database >/dev/null 2>&1 || [ ! -d "$data/mime/packages" ] \
        || update-mime-database "$data/mime" || true
    ! command -v gtk-update-icon-cache >/dev/null 2>&1 || [ ! -f "$data/icons/hicolor/index.theme" ] \
        || gtk-update-icon-cache -q -f "$data/icons/hicolor" || true
}

if [ "${1:-}" = --update-caches ]; then
    update_caches
    exit 0
fi
[ -f "$list" ] || { echo "uninstall.sh: $lib was not installed by install.sh; delete the folder instead" >&2; exit 1; }
while IFS= read -r file; do
    rm -f "$file"
    # Folders that are empty now, up to the first that is not.
    folder=$(dirname "$file")
    while [ "$folder" != "$data" ] && [ "$folder" != "$HOME" ] && rmdir "$folder" 2>/dev/null; do
        folder=$(dirname "$folder")
    done
done <"$list"
update_caches
# update-mime-database leaves its own files; without any package of the user's, they are of no use.
if [ -d "$data/mime" ] && [ ! -d "$data/mime/packages" ]; then
    rm -f "$data/mime/application/x-catdog-model.xml" "$data/mime/application/x-catdog-backup.xml"
    find "$data/mime" -maxdepth 1 -type f -delete
    find "$data/mime" -depth -type d -empty -delete
fi
# And the cache of the menu, if it has no entry.
if [ -f "$data/applications/mimeinfo.cache" ] && ! ls "$data/applications"/*.desktop >/dev/null 2>&1; then
    rm -f "$data/applications/mimeinfo.cache"
    rmdir "$data/applications" 2>/dev/null || true
fi
rm -rf "$lib" "$lib-keras"
[ "${1:-}" = --quiet ] || echo "Removed. Your settings and stored data were kept."
