"""Whether a tree has the form that the Compose Specification describes.

``compose-spec.json`` beside this package is the specification's own JSON schema, as Docker
Compose 2.26 carries it (https://github.com/compose-spec/compose-spec, Apache License 2.0).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from dockerlab.errors import ComposeFileError
from dockerlab.formats.composefile.checks.words import Complaint, complaints
from dockerlab.formats.composefile.model import Finding, Place
from dockerlab.formats.composefile.text.findings import problem
from dockerlab.formats.composefile.text.tree import Tree, place_of

MOST_SHOWN = 20
"""Mistakes named at once; a file with more has one cause."""


@cache
def specification() -> dict[str, Any]:
    file = resources.files("dockerlab.formats.composefile") / "compose-spec.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(specification())


def check(tree: Tree, file: str, *, whole: bool = True) -> bool:
    """Raise an error that names each mistake in a tree.

    Without ``whole``, keys may be missing that another file brings; False is returned if so.
    """
    found: list[Finding] = []
    complete = True
    for error in _innermost(tree):
        # What a service extends is settled within its own file.
        if error.validator == "required" and not whole and "extends" not in error.absolute_path:
            complete = False
            continue
        found += [_finding(tree, file, complaint) for complaint in complaints(error)]
        if len(found) >= MOST_SHOWN:
            break
    if found:
        raise ComposeFileError(sorted(found, key=lambda one: (one.file, one.line, one.column)))
    return complete


def _innermost(tree: Tree) -> Iterator[ValidationError]:
    for error in _validator().iter_errors(tree):
        yield _deepest(error)


def _deepest(error: ValidationError) -> ValidationError:
    """Of a choice of forms, what is wrong with the one that was probably meant."""
    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for below in error.context:
            branches.setdefault(below.schema_path[0], []).append(below)
        # A form of another type (a list where a mapping was written) was not meant.
        meant = [
            errors
            for errors in branches.values()
            if not any(one.validator == "type" and not one.path for one in errors)
        ]
        if not meant:
            return error
        fewest = min(meant, key=lambda errors: len(errors))
        error = max(fewest, key=lambda one: len(one.absolute_path))
    return error


def _finding(tree: Tree, file: str, complaint: Complaint) -> Finding:
    place = place_of(tree, complaint.key) or Place(file)
    return problem(complaint.text, complaint.hint, at=place, key=complaint.key)
