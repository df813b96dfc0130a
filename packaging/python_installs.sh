#!/bin/sh
# Installs wheel and source archive as users do, by pip, pipx and uv, with each Python from 3.11 to 3.14 that uv finds
# or can fetch, and classifies a photo. Outside CI: each takes about 300 MB from the package index.
#
#   packaging/python_installs.sh RELEASE_FOLDER WORK_FOLDER
set -eu

release=$(cd "$1" && pwd -P)
mkdir -p "$2"
work=$(cd "$2" && pwd -P)
photo=$(cd "$(dirname "$0")/.." && pwd -P)/resources/photos/cat.jpg
wheel=$(ls "$release"/catdog_desktop-*.whl)
source=$(ls "$release"/catdog_desktop-*.tar.gz)
export CATDOG_HOME="$work/home" QT_QPA_PLATFORM=offscreen
failed=0

try() { # name, folder with the programs
    report=$work/self-test.json
    rm -f "$report"
    if "$2/catdog" doctor >"$work/log" 2>&1 \
        && "$2/catdog" classify --no-store --format jsonl "$photo" 2>>"$work/log" | grep -q '"verdict": "cat"' \
        && CATDOG_SELF_TEST=$report "$2/catdog-desktop" "$photo" >>"$work/log" 2>&1 && [ -s "$report" ]; then
        echo "$1: works, $("$2/catdog" --version)"
    else
        echo "$1: FAILED"
        cat "$work/log"
        failed=1
    fi
}

for version in 3.11 3.12 3.13 3.14; do
    rm -rf "$work/venv"
    if ! uv venv -q --seed --python "$version" "$work/venv" 2>"$work/log"; then
        echo "Python $version: not to be had here ($(tail -n 1 "$work/log"))"
        continue
    fi
    if "$work/venv/bin/python" -m pip install -q "$wheel" >"$work/log" 2>&1; then
        try "Python $version, pip, wheel" "$work/venv/bin"
    else
        echo "Python $version: pip cannot install the dependencies ($(grep -m 1 ERROR "$work/log"))"
    fi
done
rm -rf "$work/venv"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "$source" && try "pip, source archive" "$work/venv/bin"
export UV_TOOL_DIR="$work/uv" UV_TOOL_BIN_DIR="$work/uv-bin"
uv tool install -q --force "$wheel" && try "uv tool" "$work/uv-bin"
if command -v pipx >/dev/null 2>&1; then
    export PIPX_HOME="$work/pipx" PIPX_BIN_DIR="$work/pipx-bin" PIPX_MAN_DIR="$work/pipx-man"
    pipx install -q --force "$wheel" && try "pipx" "$work/pipx-bin"
    [ -e "$work/pipx-man/man1/catdog.1" ] || { echo "pipx: no man page"; failed=1; }
fi
exit $failed
