#!/bin/sh
# A program that needs a key for its work: it knows the right one by its fingerprint only.
right=16290bec2471af98
found=$(printf %s "$API_KEY" | sha256sum | cut -c 1-16)
if [ "$found" = "$right" ]; then
  echo "The door is open."
else
  echo "Without the key the door stays shut."
  exit 1
fi
