"""What can be claimed of files that were given and are to stay as they were: tests, say.

original(text).is_in("ex6/tests", "/usr/src/app/test/page.test.js")
"""

from __future__ import annotations

from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks.files import packed
from dockerlab.grading.claims.looking.facts import image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


@dataclass(frozen=True, slots=True)
class Original:
    """The text of a file as it was given."""

    text: str

    def is_in(self, image: str, path: str) -> Claim:
        says = say("original.says", image=image, path=path)
        return Claim(says, lambda bench: self._look(bench, image, path))

    def differs(self, bench: Bench, image: str, path: str) -> bool:
        """The image has such a file, with another text. Ends of lines do not count."""
        found = packed(bench, image, path)
        return found is not None and found.split() != self.text.split()

    def _look(self, bench: Bench, image: str, path: str) -> Finding:
        if image_facts(bench, image) is None:
            return absent("image.absent", image=image)
        if packed(bench, image, path) is None:
            return unmet("original.missing", image=image, path=path)
        changed = self.differs(bench, image, path)
        return unmet("original.changed", image=image, path=path) if changed else met()


def original(text: str) -> Original:
    return Original(text)
