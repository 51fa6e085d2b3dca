"""Files laid over each other, with all that they extend and include."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dockerlab.formats.composefile.assembling.casting import Casting
from dockerlab.formats.composefile.assembling.defaults import fill_in
from dockerlab.formats.composefile.assembling.extending import Origin, extend_all, forget
from dockerlab.formats.composefile.assembling.files import Files
from dockerlab.formats.composefile.assembling.forms import long_forms
from dockerlab.formats.composefile.assembling.including import Include, import_into, includes
from dockerlab.formats.composefile.assembling.merging import merge
from dockerlab.formats.composefile.assembling.paths import Paths
from dockerlab.formats.composefile.assembling.uniqueness import without_repeats
from dockerlab.formats.composefile.checks.resources import check_resources
from dockerlab.formats.composefile.checks.schema import check
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.findings import Findings, fail, fail_in
from dockerlab.formats.composefile.text.tree import Path, Tree, place_of
from dockerlab.formats.composefile.text.yamlreader import Document

MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class Assembly:
    """A set of files that are laid over each other.

    ``directory`` is what their relative paths are counted from, ``environment`` what their
    variables are looked up in, ``included`` the files that led here by ``include``.
    """

    directory: str
    environment: Mapping[str, str]
    files: Files
    findings: Findings
    included: tuple[str, ...] = ()

    def tree(self, paths: Sequence[str], asked: Place | None = None) -> dict[str, Tree]:
        """The whole in long form, with absolute paths; ``asked`` is where the files are named."""
        tree: dict[str, Tree] = {}
        for path in paths:
            for document in self.files.documents(path, at=asked):
                tree = self.document_over(tree, document, path)
        fill_in(tree)
        check_resources(tree)
        self.paths.apply(tree)
        self.resolve(tree)
        return tree

    @property
    def paths(self) -> Paths:
        return Paths(self.directory, self.environment.get("HOME", ""))

    def document_over(self, below: dict[str, Tree], document: Document, path: str) -> Tree:
        above = without_repeats(self.cast(document, path))
        complete = check(above, path, whole=False)
        services = above.get("services") or {}
        extends = any("extends" in (service or {}) for service in services.values())
        if extends:
            extend_all(Origin(path, services, document.resets), self.base)
        below = forget(below, document.resets)
        wanted = includes(above)
        for include in wanted:
            self.include(include, above, (*self.included, path))
        above.pop("include", None)
        merged = without_repeats(merge(below, above))
        if below or wanted or extends or not complete:
            check(merged, path)
        if "version" in merged:
            self.findings.warn(
                f"{path}: the attribute `version` is obsolete, it will be ignored, please remove "
                "it to avoid potential confusion",
                at=place_of(merged, ("version",)),
                key=("version",),
            )
            del merged["version"]
        # Written out, a range of ports may repeat what another line says.
        return without_repeats(long_forms(merged, self.findings))

    def cast(self, document: Document, path: str) -> dict[str, Tree]:
        """A document with its variables put in."""
        for warning in document.warnings:
            self.findings.add(warning)
        if not isinstance(document.tree, dict):
            fail_in(
                document.tree,
                (),
                "Top-level object must be a mapping",
                "A compose file begins like this:\n    services:\n      web:\n        image: nginx",
                file=path,
            )
        cast: dict[str, Tree] = Casting(self.environment, self.findings).apply(document.tree)
        return cast

    def base(self, file: str, asked: Place | None, key: Path) -> Origin:
        """The services of a file that ``extends`` names, in long form."""
        path = os.path.normpath(
            os.path.join(self.directory, self.paths.local(file, "extends", asked, key))
        )
        tree: dict[str, Tree] = {}
        resets: tuple[Path, ...] = ()
        for document in self.files.documents(path, at=asked, key=key):
            cast = self.cast(document, path)
            cast = without_repeats(cast)
            check(cast, path, whole=False)
            cast.pop("version", None)
            merged = without_repeats(merge(forget(tree, document.resets), cast))
            tree = without_repeats(long_forms(merged, self.findings))
            resets = document.resets
        Paths(os.path.dirname(path), self.paths.home).apply(tree)
        return Origin(path, tree.get("services") or {}, resets)

    def include(self, include: Include, into: dict[str, Tree], chain: tuple[str, ...]) -> None:
        settled = include.settled(self.directory, self.paths, self.files, self.environment)
        first = settled.files[0]
        if first in chain or len(chain) > MOST_LEVELS:
            told = "\n include ".join((*chain, first))
            fail(f"include cycle detected:\n{told}", at=include.at, key=("include",))
        below = replace(
            self, directory=settled.directory, environment=settled.environment, included=chain
        )
        import_into(into, below.tree(settled.files, include.at), include)

    def resolve(self, tree: dict[str, Tree]) -> None:
        """What is asked of the environment by its name alone."""
        for service in (tree.get("services") or {}).values():
            variables = (service or {}).get("environment")
            if isinstance(variables, list):
                service["environment"] = [
                    f"{name}={self.environment[name]}" if name in self.environment else name
                    for name in variables
                    if isinstance(name, str)
                ]
        for kind, content in (("secrets", "x-#value"), ("configs", "content")):
            for resource in (tree.get(kind) or {}).values():
                name = (resource or {}).get("environment")
                if isinstance(name, str) and name in self.environment:
                    resource[content] = self.environment[name]
