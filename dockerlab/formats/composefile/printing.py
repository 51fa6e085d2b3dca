"""A project as ``docker compose config`` prints it."""

from __future__ import annotations

import json
from typing import Any

import yaml

from dockerlab.formats.composefile.encoding.gojson import escaped
from dockerlab.formats.composefile.model import Project
from dockerlab.formats.composefile.text.scalars import meaning

_TEXT = "tag:yaml.org,2002:str"
_OLD_TRUTHS = "y Y yes Yes YES on On ON n N no No NO off Off OFF"


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, and texts of several lines stay so."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Quotes where the word alone would be a number, a truth or nothing, in old YAML or new."""
    style = None
    if "\n" in text:
        style = "|"
    elif (
        text in _OLD_TRUTHS.split() or not isinstance(meaning(text), str) or _is_other(dumper, text)
    ):
        style = '"'
    return dumper.represent_scalar(_TEXT, text, style=style)


def _is_other(dumper: _Dumper, text: str) -> bool:
    resolver: Any = dumper
    return bool(resolver.resolve(yaml.ScalarNode, text, (True, False)) != _TEXT)


_Dumper.add_representer(str, _text)


def dump(project: Project, format: str = "yaml") -> str:
    """The project in long form, with everything filled in; ``$`` is doubled, to be read again.

    ``format`` is "yaml" or "json".
    """
    if format == "json":
        text = escaped(json.dumps(dict(project.canonical), indent=2, ensure_ascii=False))
    else:
        text = "".join(_yaml({key: value}) for key, value in project.written.items())
    return text.replace("$", "$$")


def _yaml(tree: dict[str, Any]) -> str:
    dumped: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    return dumped
