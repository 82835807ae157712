#!/bin/sh
# Puts axe-core, which only tests use, beside the programs of the given virtual environment.
set -eu
venv="$1"
version=4.14.1
made="$venv/axe-core-$version.min.js"
[ -s "$made" ] && exit 0
command -v npm >/dev/null 2>&1 || sh "$(dirname "$0")/need.sh" npm
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm pack --silent "axe-core@$version" >/dev/null && tar xzf axe-core-*.tgz)
mv "$folder/package/axe.min.js" "$made"
