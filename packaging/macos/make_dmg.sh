#!/bin/sh
# Makes a disk image of CatDog.app, signed and notarised if the environment has an identity. Never run so far.
#
#   packaging/macos/make_dmg.sh CatDog.app TARGET_FOLDER MACHINE
set -eu

app=$1
target=$2
version=$(/usr/libexec/PlistBuddy -c 'Print CFBundleShortVersionString' "$app/Contents/Info.plist")
image=$target/CatDog-$version-macos-$3.dmg
mkdir -p "$target"

if [ -n "${IDENTITY:-}" ]; then
    keychain=$RUNNER_TEMP/signing.keychain-db
    password=$(uuidgen)
    trap 'security delete-keychain "$keychain"; rm -f "$RUNNER_TEMP/certificate.p12" "$RUNNER_TEMP/notary.p8"' EXIT
    printf %s "$CERTIFICATE" | base64 --decode >"$RUNNER_TEMP/certificate.p12"
    security create-keychain -p "$password" "$keychain"
    security unlock-keychain -p "$password" "$keychain"
    security import "$RUNNER_TEMP/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -T /usr/bin/codesign
    security set-key-partition-list -S apple-tool:,apple: -k "$password" "$keychain"
    codesign --force --deep --timestamp --options runtime --keychain "$keychain" --sign "$IDENTITY" "$app"
fi

staging=$(mktemp -d)
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname "CatDog $version" -srcfolder "$staging" -format UDZO -ov "$image"
rm -rf "$staging"

if [ -n "${IDENTITY:-}" ]; then
    codesign --timestamp --keychain "$keychain" --sign "$IDENTITY" "$image"
    printf %s "$NOTARY_KEY" | base64 --decode >"$RUNNER_TEMP/notary.p8"
    xcrun notarytool submit "$image" --wait --key "$RUNNER_TEMP/notary.p8" --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER"
    xcrun stapler staple "$image"
fi
