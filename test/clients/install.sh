#!/usr/bin/env bash
# Installs into a folder what test/process/generated-clients.spec.ts needs; put the folder's bin/ on PATH.
# Needs a JDK, Maven, Python 3 with venv, and npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/bin"
folder=$(cd "$1" && pwd)
cd "$folder"

mvn -q -B dependency:copy -Dartifact=org.openapitools:openapi-generator-cli:7.25.0 \
  -DoutputDirectory="$folder" -Dmdep.stripVersion=true >/dev/null
printf '#!/bin/sh\nexec java -jar "%s/openapi-generator-cli.jar" "$@"\n' "$folder" >bin/openapi-generator-cli
chmod +x bin/openapi-generator-cli

echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund axios@1.21.1 openapi-fetch@0.17.0 openapi-typescript@7.13.0
ln -sf ../node_modules/.bin/openapi-typescript bin/openapi-typescript

# The generator chooses what a client depends on: generate one client of each kind and install what it asks for.
contract=$here/../../openapi.json
for generator in java python; do
  bin/openapi-generator-cli generate -g $generator -i "$contract" -o $generator-client >/dev/null
done
python3 -m venv python
python/bin/pip install -q --disable-pip-version-check -r python-client/requirements.txt
(cd java-client && mvn -q -B dependency:copy-dependencies >/dev/null)
