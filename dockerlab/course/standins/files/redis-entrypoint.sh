#!/bin/sh
set -e

# `docker run redis --save 60 1` and `docker run redis my.conf` mean the server.
case "$1" in
    -* | *.conf) set -- redis-server "$@" ;;
esac

# Protected mode refuses everybody but 127.0.0.1. In a container that would be
# every other container; only published ports can be reached from outside.
case "$*" in
    *protected-mode* | *--version* | *-v | *--help* | *-h) ;;
    redis-server*) set -- "$@" --protected-mode no ;;
esac

exec "$@"
