#!/bin/sh
set -e

# `docker run node index.js` and `docker run node -e 1+1` mean node; the name of
# a program in the image means that program.
if [ "${1#-}" != "$1" ] || ! command -v "$1" > /dev/null || [ -f "$1" ] && [ ! -x "$1" ]; then
    set -- node "$@"
fi

exec "$@"
