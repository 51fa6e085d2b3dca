"""The few Dockerfile instructions that ``commit --change`` and ``import --change`` take.

Each changes the ``config`` section of an image: ``CMD ["sh"]``, ``ENV A=b``, ``EXPOSE 80`` … They
are read and applied as in a Dockerfile; only which ones are allowed is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dockerlab.errors import FormatError

KEYWORDS = (
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
)


def apply(section: Mapping[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """A copy of an image's ``config`` section with some instructions applied.

    Raises FormatError in Docker's words.
    """
    result, own_cmd = dict(section), False
    text = "\n".join(changes)
    if not text.strip():
        return result
    # Here, as an engine that is asked for no change need not load the parser: 2 MB of memory.
    from dockerlab.formats.dockerfile import parser, reader, sections
    from dockerlab.formats.dockerfile.expansion import expanded
    from dockerlab.formats.dockerfile.instructions import Cmd

    for node in parser.parse(text).nodes:
        if node.keyword not in KEYWORDS:
            raise FormatError(
                f"{node.keyword.lower()} is not a valid change command",
                f"Possible are {', '.join(KEYWORDS)}.",
            )
        one = expanded(reader.meaning(node), _environment(result))
        result = sections.apply(result, one, own_cmd=own_cmd)
        own_cmd = own_cmd or (isinstance(one, Cmd) and bool(one.command.words))
    return result


def _environment(section: Mapping[str, Any]) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in section.get("Env") or ())
    return {name: value for name, _, value in pairs}
