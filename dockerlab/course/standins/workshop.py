"""Where stand-ins are made: packages in, archives for ``docker load`` out, kept in the cache."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dockerlab.course.apps import lock_files
from dockerlab.course.cache import Cache, file_digest
from dockerlab.course.progress import Progress, Step
from dockerlab.course.standins import archive, base, npm, npmcache
from dockerlab.course.standins.apt import Apt, AptUnavailable
from dockerlab.course.standins.deb import Pool
from dockerlab.course.standins.recipes import RECIPES, Ingredients, Recipe
from dockerlab.errors import DockerlabError


@dataclass(frozen=True)
class Standin:
    """An archive that is ready to be loaded. ``note`` says what is less than wished."""

    name: str
    path: Path
    id: str
    tags: tuple[str, ...]
    note: str = ""


@dataclass
class Made:
    """What was made, and what could not be and why, by name."""

    standins: dict[str, Standin] = field(default_factory=dict)
    failed: dict[str, DockerlabError] = field(default_factory=dict)


@cache
def _recipes_key() -> str:
    """Changes with everything that shapes an archive: the code and files of this package."""
    folder = files("dockerlab.course.standins")
    sources = [each for each in folder.iterdir() if each.name.endswith(".py")]
    sources += (folder / "files").iterdir()
    sources += lock_files().values()
    parts = sorted((each.name, hashlib.sha256(each.read_bytes()).hexdigest()) for each in sources)
    return hashlib.sha256(repr((platform.machine(), parts)).encode()).hexdigest()


class Workshop:
    """Makes stand-ins, or takes them from the cache when they were made before."""

    def __init__(self, cache: Cache, progress: Progress) -> None:
        self._cache = cache
        self._progress = progress
        self._architecture = base.architecture(platform.machine())

    def make(self, names: Iterable[str]) -> Made:
        """An archive for each name. What fails is reported, the others are made."""
        made = Made()
        with self._cache.lock(self._progress):
            missing = []
            for name in names:
                if kept := self._kept(name):
                    made.standins[name] = kept
                else:
                    missing.append(name)
            if missing:
                self._make(missing, made)
        return made

    def _kept(self, name: str) -> Standin | None:
        record = self._cache.read_json(self._record(name))
        path = self._archive(name)
        whole = record.get("key") == _recipes_key() and path.exists()
        if not whole or file_digest(path) != record.get("sha256"):
            return None
        if record.get("note") and npm.available():
            # A makeshift from the time when npm's registry was not there.
            return None
        return _standin(name, path, record)

    def _make(self, names: list[str], made: Made) -> None:
        recipes, archives = {}, {}
        for name in names:
            recipes[name], archives[name] = self._choose(name, RECIPES[name])
        pool = self._pool(recipes, made)
        for name in [each for each in recipes if each not in made.failed]:
            self._progress(Step(f"Building the stand-in for {name}"))
            goods = Ingredients(pool, self._architecture, _distribution(), archives[name])
            try:
                made.standins[name] = self._write(name, recipes[name], goods)
            except DockerlabError as error:
                made.failed[name] = error

    def _choose(self, name: str, recipe: Recipe) -> tuple[Recipe, dict[str, Path]]:
        """The recipe, or one that makes do without what npm's registry does not give."""
        while True:
            try:
                return recipe, self._archives(recipe)
            except npm.NpmUnavailable as error:
                if recipe.instead is None:
                    raise
                recipe = recipe.instead
                self._progress(Step(f"{name}: {error.message} So {recipe.note}"))

    def _archives(self, recipe: Recipe) -> dict[str, Path]:
        """The archives from npm's registry by their keys."""
        folder = self._cache.folder("npm")
        processor = self._architecture.npm
        found = {
            each.key: npm.fetch(each, processor, folder, self._progress) for each in recipe.archives
        }
        if recipe.apps:
            packages = [each for each in npmcache.packages() if each.runs_on(processor)]
            archives = (each.archive for each in packages)
            found |= npm.fetch_all(archives, processor, folder, self._progress)
        return found

    def _pool(self, recipes: dict[str, Recipe], made: Made) -> Pool:
        """The packages of all recipes together; recipes that cannot have theirs fail."""
        needy = {name: recipe for name, recipe in recipes.items() if recipe.packages}
        if not needy:
            return Pool(())
        try:
            apt = Apt(self._cache.folder("apt"), self._cache.folder("debs"), self._progress)
            apt.update()
            try:
                return self._fetch(apt, needy, made)
            except AptUnavailable:
                # The archive forgets old versions; newer lists know the new ones.
                if not apt.update(force=True):
                    raise
                return self._fetch(apt, needy, made)
        except DockerlabError as error:
            made.failed.update(dict.fromkeys(needy, error))
            return Pool(())

    def _fetch(self, apt: Apt, recipes: dict[str, Recipe], made: Made) -> Pool:
        known = apt.known(_mentioned(recipes.values()))
        roots: set[str] = set()
        for name, recipe in recipes.items():
            try:
                roots |= _choose(name, recipe, known)
            except AptUnavailable as error:
                made.failed[name] = error
        return Pool(apt.fetch(apt.closure(roots))) if roots else Pool(())

    def _write(self, name: str, recipe: Recipe, goods: Ingredients) -> Standin:
        image = recipe.build(goods)
        path = self._archive(name)
        with self._cache.writing(path) as file:
            written = archive.write(image, file, str(path.parent))
        record = {
            "key": _recipes_key(),
            "sha256": file_digest(path),
            "id": written.id,
            "size": written.size,
            "tags": image.tags,
            "note": recipe.note,
        }
        self._cache.write_json(self._record(name), record)
        return _standin(name, path, record)

    def _archive(self, name: str) -> Path:
        return self._cache.folder("images") / f"{name}.tar"

    def _record(self, name: str) -> Path:
        return self._cache.folder("images") / f"{name}.json"


def _standin(name: str, path: Path, record: dict[str, Any]) -> Standin:
    return Standin(name, path, record["id"], tuple(record["tags"]), record["note"])


def _mentioned(recipes: Iterable[Recipe]) -> set[str]:
    packages = [each for recipe in recipes for each in recipe.packages]
    return {name for each in packages for name in ((each,) if isinstance(each, str) else each)}


def _choose(name: str, recipe: Recipe, known: set[str]) -> set[str]:
    """The packages to start from. Raises AptUnavailable when the archive lacks one."""
    chosen = set()
    for each in recipe.packages:
        choices = (each,) if isinstance(each, str) else each
        found = next((choice for choice in choices if choice in known), None)
        if found is None:
            raise AptUnavailable(
                f"{name}: this system's package sources have no {' or '.join(choices)}.",
                "On Ubuntu they may be in “universe”: `sudo add-apt-repository universe`.",
            )
        chosen.add(found)
    return chosen


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Debian")
    except OSError:
        return "Debian"
