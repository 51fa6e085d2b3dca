"""Files read by path, with errors that name who asked for them."""

from __future__ import annotations

from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.reader import Reader
from dockerlab.formats.composefile.text.findings import fail
from dockerlab.formats.composefile.text.tree import Path
from dockerlab.formats.composefile.text.yamlreader import Document, documents

MOST_FILES = 200


class Files:
    """Reads through a reader, and stops when a project names too many files."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.count = 0
        self.known: dict[str, tuple[Document, ...]] = {}

    def text(
        self, path: str, *, what: str = "file", at: Place | None = None, key: Path = ()
    ) -> str:
        self.count += 1
        if self.count > MOST_FILES:
            fail(f"the project names more than {MOST_FILES} files", at=at, key=key)
        try:
            return self.reader.read(path)
        except FileNotFoundError:
            fail(f"{what} {path} not found", "Look at the path.", at=at, key=key)
        except ValueError as error:
            fail(f"{what} {path} {error}", at=at, key=key)
        except OSError as error:
            fail(f"{what} {path}: {error.strerror or error}", at=at, key=key)

    def documents(
        self, path: str, *, at: Place | None = None, key: Path = ()
    ) -> tuple[Document, ...]:
        """The documents of a YAML file, which is read once. They are not to be changed."""
        if path not in self.known:
            self.known[path] = tuple(documents(self.text(path, at=at, key=key), path))
        return self.known[path]
