"""What the sources of a COPY or ADD mean: which files, and the digest that the cache compares.

As in Docker, a source is a path or a pattern; what a folder holds is one digest, in which a link
counts as what it leads to.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dockerlab.engine.build.files.tree import Entry, Tree, resolve, walk
from dockerlab.engine.errors import BadParameter
from dockerlab.formats.globs import STAR, Glob


@dataclass(frozen=True, slots=True)
class Source:
    """Something to copy. ``digest`` is as Docker shows it: ``file:…`` or ``dir:…``."""

    tree: Tree
    path: str
    """As it was named; its last name is the file's name at the target."""
    entry: Entry
    """What it means, links followed."""
    digest: str
    files: dict[str, str] = field(default_factory=dict)
    """Path to digest of all that is read, for the record of the step."""
    whole: bool = False
    """An archive is copied as it is, not taken apart."""


def find(tree: Tree, text: str, *, context: bool = True) -> list[Source]:
    """What a source means. Raises BadParameter in Docker's words.

    ``context``: the tree is what the client sent, and an error says so.
    """
    path = text.removeprefix("/").removeprefix("./")
    if not has_wildcards(path):
        return [_one(tree, path, text, context)]
    matches = matcher(path)
    if matches is None:
        return []
    return [_one(tree, e.path, e.path, context) for e in walk(tree, "") if matches(e.path)]


def exactly(tree: Tree, path: str) -> Source:
    """What a path means that is no pattern, whatever characters are in it."""
    return _one(tree, path, path, True)


def counted(sources: Iterable[Source]) -> str:
    """What no digest tells, and counts for the cache: which of them are not to be taken apart.

    The name of a link does not count: in Docker's classic builder it does not either.
    """
    return ",".join(str(at) for at, source in enumerate(sources) if source.whole)


def digest_of(sources: Iterable[Source]) -> str:
    """One digest for all sources of an instruction."""
    found = [source.digest for source in sources]
    return found[0] if len(found) == 1 else _hashed("multi", found)


def _one(tree: Tree, path: str, shown: str, context: bool) -> Source:
    cleaned = posixpath.normpath(path or ".")
    if cleaned == ".." or cleaned.startswith("../"):
        raise BadParameter(
            f"forbidden path outside the build context: {shown} ()",
            "Only what is in the folder of the build can be copied.",
        )
    cleaned = "" if cleaned == "." else cleaned
    real = _real(tree, cleaned)
    entry = tree.entry(real)
    if entry is None:
        raise _missing(cleaned, context)
    if not entry.is_dir:
        digest = tree.digest(entry)
        return Source(tree, path, entry, f"file:{digest}", {real: digest[:16]})
    files = dict(_digests(tree, entry))
    return Source(tree, path, entry, _hashed("dir", sorted(files.values())), _short(files))


def _real(tree: Tree, path: str) -> str:
    try:
        return resolve(tree, path)
    except OSError as error:
        raise BadParameter(f"stat {path}: {(error.strerror or '').lower()}") from None


def _missing(path: str, context: bool) -> BadParameter:
    reason = f"stat {path}: file does not exist"
    if not context:
        return BadParameter(reason)
    return BadParameter(
        f"file not found in build context or excluded by .dockerignore: {reason}",
        f"Paths are relative to the folder of the build; is {path} there, spelled like that?",
    )


def _digests(tree: Tree, folder: Entry) -> Iterator[tuple[str, str]]:
    if folder.path:
        yield folder.path, tree.digest(folder)
    for entry in walk(tree, folder.path):
        yield entry.path, _followed(tree, entry)


def _followed(tree: Tree, entry: Entry) -> str:
    if not entry.is_link:
        return tree.digest(entry)
    try:
        target = tree.entry(resolve(tree, entry.path))
    except OSError:
        target = None
    return tree.digest(target) if target is not None else entry.path


def _short(files: dict[str, str]) -> dict[str, str]:
    return {path: digest[:16] for path, digest in files.items()}


def _hashed(kind: str, digests: list[str]) -> str:
    return f"{kind}:{hashlib.sha256(','.join(digests).encode(errors='replace')).hexdigest()}"


def has_wildcards(path: str) -> bool:
    """Whether a source is a pattern; a backslash takes the meaning off the next character."""
    return re.search(r"[*?\[]", re.sub(r"\\.", "", path)) is not None


def matcher(pattern: str) -> Callable[[str], bool] | None:
    """A test for paths, by the rules of Go's filepath.Match; None for a malformed pattern."""
    try:
        return Glob(list(_expressions(pattern))).matches
    except re.error:
        return None


def _expressions(pattern: str) -> Iterator[str]:
    token = re.compile(r"\\(.)|(\*)|(\?)|\[(\^?)((?:\\.|[^\]\\])+)\]|(.)", re.DOTALL)
    position = 0
    while position < len(pattern):
        found = token.match(pattern, position)
        if found is None or found[6] in ("[", "\\"):
            raise re.error("malformed")
        position = found.end()
        escaped, star, one, negated, group, plain = found.groups()
        if star:
            yield STAR
        elif one:
            yield "[^/]"
        elif group:
            members = re.sub(r"\\?([^\\-])", lambda m: re.escape(m[1]), group)
            yield f"(?!/)[{'^' if negated else ''}{members}]"
        else:
            yield re.escape(escaped or plain)
