"""AWS's Query protocol: ``Tags.member.1.Key=team`` becomes ``{"Tags": [{"Key": "team"}]}``.

What the form's fields mean is read from botocore's own description of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator

from dockerlab.cloud.errors import AwsError

Node = dict[str, Any]
"""A form taken apart at its dots: the values are texts or nodes."""


class ValidationError(AwsError):
    code = "ValidationError"


def values(shape: StructureShape | None, form: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of an action. ValidationError for a value that is missing or wrong.

    Fields that the action does not know are left out, as AWS does.
    """
    if shape is None:
        return {}
    found: dict[str, Any] = _read(shape, _tree(form), "")
    report = ParamValidator().validate(found, shape)
    if report.has_errors():
        raise ValidationError(report.generate_report())
    return found


def _tree(form: Mapping[str, str]) -> Node:
    top: Node = {}
    for name, value in form.items():
        *path, last = name.split(".")
        node: Any = top
        for part in path:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ValidationError(f"{name}: {part} is both a value and a structure")
        if last in node:
            raise ValidationError(f"{name} is both a value and a structure")
        node[last] = value
    return top


def _read(shape: Shape, node: Any, name: str) -> Any:
    if isinstance(shape, StructureShape):
        return {
            member: _read(inner, node[member], f"{name}.{member}".lstrip("."))
            for member, inner in shape.members.items()
            if member in _checked(node, name)
        }
    if isinstance(shape, ListShape):
        return _read_list(shape, node, name)
    return _read_scalar(shape, node, name)


def _read_list(shape: ListShape, node: Any, name: str) -> list[Any]:
    if node == "":  # how an empty list is written
        return []
    members = _checked(_checked(node, name).get("member", {}), name)
    try:
        places = sorted(members, key=int)
    except ValueError as error:
        raise ValidationError(f"{name}: members are numbered from 1") from error
    return [_read(shape.member, members[place], f"{name}.member.{place}") for place in places]


def _checked(node: Any, name: str) -> Node:
    if not isinstance(node, dict):
        raise ValidationError(f"{name} is not a single value")
    return node


def _read_scalar(shape: Shape, text: Any, name: str) -> Any:
    read = _SCALARS.get(shape.type_name, str)
    if not isinstance(text, str):
        raise ValidationError(f"{name} is a single value")
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        raise ValidationError(f"{name}: {text[:100]!r} is no {shape.type_name}") from error


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _timestamp(text: str) -> datetime:
    found: datetime = parse_timestamp(text)
    return found


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "integer": int,
    "long": int,
    "double": float,
    "timestamp": _timestamp,
}
