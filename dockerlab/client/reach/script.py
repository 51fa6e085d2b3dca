"""The script that tries connections inside a container, with what its image has.

Its arguments are the seconds to wait and then pairs of a name and a port. For each pair it prints
a line ``dlreach|NAME|PORT|CODE|WORDS``; first of all ``dlreach|tool|TOOL``, where an empty TOOL
means that there is none. Plain sh; the pairs are tried beside each other, some at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dockerlab.formats.composed.reach import Attempt, outcome

_MARK = "dlreach"
BESIDE = 16
"""Tries at once."""

SCRIPT = r"""
seconds=$1; shift
has() { command -v "$1" >/dev/null 2>&1; }
if has nc; then
  # Some only know how to scan (-z), Debian's busybox only how to run a program when connected.
  case "$(nc -z -w 1 127.0.0.1 1 2>&1)" in
    *nvalid\ option*|*nrecognized\ option*|*sage:*) tool=nc-e;;
    *) tool=nc;;
  esac
elif has python3; then tool=python3
elif has node; then tool=node
elif has bash && has timeout; then tool=bash
else tool=; fi
echo "dlreach|tool|$tool"
[ -n "$tool" ] || exit 0
try() {
  case $tool in
    nc-e) nc -w "$seconds" "$1" "$2" -e true </dev/null;;
    nc) nc -v -z -w "$seconds" "$1" "$2" </dev/null;;
    python3) python3 -c 'import socket,sys
try: socket.create_connection((sys.argv[2],int(sys.argv[3])),float(sys.argv[1])).close()
except OSError as error: sys.exit(str(error))' "$seconds" "$1" "$2";;
    node) node -e 'const [s,h,p]=process.argv.slice(1),c=require("net").connect(p,h);
const end=(e)=>{if(e)console.error(e.code||e);process.exit(e?1:0)};
c.on("connect",()=>end()).on("error",end);setTimeout(()=>end("timed out"),s*1000)' \
      "$seconds" "$1" "$2";;
    bash) timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2";;
  esac
}
running=0
while [ $# -gt 1 ]; do
  (
    said=$(try "$1" "$2" 2>&1); code=$?
    echo "dlreach|$1|$2|$code|$(echo $said)"
  ) &
  shift 2
  running=$((running + 1))
  if [ $running -ge BESIDE ]; then wait; running=0; fi
done
wait
""".replace("BESIDE", str(BESIDE))

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}|[0-9a-fA-F:]+:[0-9a-fA-F:]*")


def speakable(name: str) -> bool:
    """Whether a name can be given to a program as a host: an alias may be anything."""
    return _NAME.fullmatch(name) is not None


def arguments(seconds: float, tries: Iterable[tuple[str, int]]) -> list[str]:
    """The command's words; the timeout in whole seconds, as nc takes it."""
    pairs = [word for name, port in tries for word in (name, str(port))]
    return ["sh", "-c", SCRIPT, "sh", str(max(round(seconds), 1)), *pairs]


def read(
    output: str, addresses: Sequence[str]
) -> tuple[str | None, dict[tuple[str, int], Attempt]]:
    """The tool that was used (None: the script did not run at all) and what came of each pair."""
    tool: str | None = None
    found: dict[tuple[str, int], Attempt] = {}
    for line in output.splitlines():
        words = line.split("|", 4)
        if words[:2] == [_MARK, "tool"] and len(words) == 3:
            tool = words[2]
        elif words[0] == _MARK and len(words) == 5 and words[2].isdigit():
            _, name, port, code, said = words
            result = outcome(int(code) if code.isdigit() else 1, said)
            kept = said[:200] if result == "unknown" else ""
            by = "address" if name in addresses else "name"
            found[name, int(port)] = Attempt(name, int(port), result, by, kept)  # type: ignore[arg-type]
    return tool, found
