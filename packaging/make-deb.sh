#!/bin/bash
# Builds the Debian package: `make deb`. What is left is .build/deb/sacbot_VERSION_ARCH.deb.
#
# The Swift runtime is linked in; SACBOT_BINARY names a program that was built so already.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^let programVersion = "\(.*\)"$/\1/p' Sources/sacbot/SacbotCommand.swift)
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(date -d "$date" +%s)
stage=.build/deb/sacbot-$version

binary=${SACBOT_BINARY:-}
if [ -z "$binary" ]; then
    ${SWIFT:-swift} build -c release --static-swift-stdlib --scratch-path .build/static \
        --product sacbot
    binary=.build/static/release/sacbot
fi

rm -rf .build/deb
mkdir -p "$stage"
cp -r packaging/debian "$stage/debian"
cp README.md CHANGELOG.md "$stage/"
cp -r docs "$stage/docs"

files=$stage/files
install -D -m 755 "$binary" "$files/usr/bin/sacbot"
install -d "$files/usr/share/sacbot/robots"
install -m 644 robots/*.yaml robots/*.xml "$files/usr/share/sacbot/robots/"
complete() { install -d "$(dirname "$files/$2")"; "$binary" --generate-completion-script "$1" | sed '1{/^#!/d}' > "$files/$2"; }
complete bash usr/share/bash-completion/completions/sacbot
complete zsh usr/share/zsh/vendor-completions/_sacbot
complete fish usr/share/fish/vendor_completions.d/sacbot.fish
"$binary" --experimental-dump-help \
    | packaging/man-pages.py "$stage/man" "$version" "$(date -u -d "$date" +%Y-%m-%d)"

cp "systemd/sacbot@.service" "$stage/debian/sacbot@.service"
cp systemd/sacbot.sysusers "$stage/debian/sacbot.sysusers"
cp systemd/sacbot.tmpfiles "$stage/debian/sacbot.tmpfiles"
cp systemd/60-sacbot.rules "$stage/debian/sacbot.udev"
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(date -R -d "$date")/" \
    packaging/debian/changelog.in > "$stage/debian/changelog"
rm "$stage/debian/changelog.in"

(cd "$stage" && dpkg-buildpackage -b -us -uc -d)
ls -l .build/deb/*.deb
