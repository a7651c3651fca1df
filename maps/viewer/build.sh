#!/bin/sh
# Makes viewer.bundle.js and THIRD_PARTY_LICENSES.txt anew. Needs node and npm; the Python package needs neither.
set -eu
cd "$(dirname "$0")"
npm install --no-audit --no-fund --omit-lockfile-registry-resolved
npm run --silent bundle
npm run --silent licences > THIRD_PARTY_LICENSES.txt
