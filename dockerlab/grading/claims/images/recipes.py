"""What can be claimed of a Dockerfile as it is written, wherever only its text shows it.

    recipe().starts_from("node:22")
    recipe().goes("COPY package.json", "RUN npm install|npm ci", "COPY .")
    recipe().follows("copy-first")

An instruction is named by its keyword and a part of what follows; ``|`` separates parts of which
one is enough. A COPY is named by one of the files that it brings, as ``package*.json`` brings
``package.json``; ``COPY .`` is one of the whole folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from dockerlab.course.advice.rules import Remark, Subject, remarks
from dockerlab.course.advice.sayings import SAYINGS
from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import reader
from dockerlab.formats.dockerfile.instructions import Copy, Dockerfile, Instruction
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

Judge = Callable[[Dockerfile], Finding]
WHOLE = (".", "./", "*", "./*")
"""How COPY is told to bring everything."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A Dockerfile by its path in the folder."""

    path: str = "Dockerfile"

    def is_legible(self) -> Claim:
        """It is there, and Docker understands every line."""
        return self._claim(say("recipe.legible", path=self.path), lambda _: met())

    def starts_from(self, *images: str) -> Claim:
        """The image is made on one of these bases, named with their tags."""
        says = say("recipe.starts_from", path=self.path, image=images[0])
        return self._claim(says, lambda dockerfile: self._based(dockerfile, images))

    def has(self, step: str) -> Claim:
        """There is such an instruction."""
        says = say("recipe.has", path=self.path, step=shown(step))
        return self._claim(says, lambda dockerfile: self._ordered(dockerfile, (step,)))

    def lacks(self, step: str) -> Claim:
        """There is no such instruction."""
        says = say("recipe.lacks", path=self.path, step=shown(step))
        return self._claim(says, lambda dockerfile: self._without(dockerfile, step))

    def goes(self, *steps: str) -> Claim:
        """There are such instructions in this order, others between them or not."""
        says = say("recipe.goes", path=self.path, steps=" → ".join(map(shown, steps)))
        return self._claim(says, lambda dockerfile: self._ordered(dockerfile, steps))

    def has_stages(self, count: int) -> Claim:
        """It has at least so many stages."""
        says = say("recipe.stages", path=self.path, count=count)
        return self._claim(says, lambda dockerfile: self._staged(dockerfile, count))

    def follows(self, rule: str) -> Claim:
        """``dockerlab.explain`` has nothing to say under this rule (see ``course/advice``)."""
        says = say(f"recipe.follows.{rule}", path=self.path)
        return Claim(says, lambda bench: self._advised(bench, rule))

    def read(self, bench: Bench) -> Dockerfile | None:
        """What is written; None where there is nothing legible."""
        text = bench.read(self.path)
        try:
            return None if text is None else reader.read(text)
        except DockerfileError:
            return None

    def remarks(self, bench: Bench) -> list[Remark]:
        """What the course would say; nothing where nothing is legible."""
        dockerfile = self.read(bench)
        ignored = bench.read(".dockerignore") is not None
        return remarks(Subject(dockerfile, ignored)) if dockerfile else []

    def _claim(self, says: Saying, judge: Judge) -> Claim:
        def look(bench: Bench) -> Finding:
            dockerfile = self.read(bench)
            return judge(dockerfile) if dockerfile else self._illegible(bench)

        return Claim(says, look)

    def _illegible(self, bench: Bench) -> Finding:
        text = bench.read(self.path)
        if text is None:
            return absent("recipe.absent", path=self.path)
        try:
            reader.read(text)
        except DockerfileError as error:
            return unmet("recipe.illegible", path=self.path, error=excerpt(error.message))
        return met()

    def _based(self, dockerfile: Dockerfile, images: tuple[str, ...]) -> Finding:
        image = base(dockerfile)
        if tagged(image) in map(tagged, images):
            return met()
        return unmet("recipe.other_base", path=self.path, image=excerpt(image), wanted=images[0])

    def _ordered(self, dockerfile: Dockerfile, steps: tuple[str, ...]) -> Finding:
        written = instructions(dockerfile)
        after = 0
        for step in steps:
            places = [at for at, one in enumerate(written) if matches(one, step)]
            if not places:
                return unmet("recipe.no_step", path=self.path, step=shown(step))
            later = [at for at in places if at >= after]
            if not later:
                return unmet("recipe.step_early", step=shown(step), line=written[places[-1]].line)
            after = later[0] + 1
        return met()

    def _without(self, dockerfile: Dockerfile, step: str) -> Finding:
        found = next((one for one in instructions(dockerfile) if matches(one, step)), None)
        return unmet("recipe.has_step", step=shown(step), line=found.line) if found else met()

    def _staged(self, dockerfile: Dockerfile, count: int) -> Finding:
        there = len(dockerfile.stages)
        return met() if there >= count else unmet("recipe.few_stages", there=there, count=count)

    def _advised(self, bench: Bench, rule: str) -> Finding:
        found = self._illegible(bench)
        remark = next((one for one in self.remarks(bench) if one.rule == rule), None)
        if not found or remark is None:
            return found
        return Finding("unmet", objection(remark))


def objection(remark: Remark) -> Saying:
    """What ``dockerlab.explain`` says of it."""
    advice = SAYINGS[remark.rule]
    titles, whys = advice.title, advice.why
    pair = (f"Line {{at}}: {titles[0]}. {whys[0]}", f"{{at}}번째 줄: {titles[1]}. {whys[1]}")
    return Saying("recipe.objection", facts(remark), pair)


def facts(remark: Remark) -> dict[str, object]:
    """Where it is (``at``), and what the rule tells of it, fit to be said."""
    return {"at": remark.line, **{name: excerpt(text) for name, text in remark.facts.items()}}


def recipe(path: str = "Dockerfile") -> Recipe:
    return Recipe(path)


def instructions(dockerfile: Dockerfile) -> list[Instruction]:
    """All of them, as they are written one below the other."""
    return [one for stage in dockerfile.stages for one in (stage.start, *stage.steps)]


def base(dockerfile: Dockerfile) -> str:
    """The image that the last stage stands on in the end, stages on stages followed down."""
    stage = dockerfile.stages[-1]
    while (below := dockerfile.stage(stage.start.image, stage.index)) is not None:
        stage = below
    return stage.start.image


def tagged(image: str) -> str:
    """
    >>> tagged("alpine"), tagged("localhost:5000/node:22")
    ('alpine:latest', 'localhost:5000/node:22')
    """
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"


def shown(step: str) -> str:
    """
    >>> shown("RUN npm install|npm ci")
    'RUN npm install'
    """
    return step.partition("|")[0]


def matches(one: Instruction, step: str) -> bool:
    """Whether an instruction is the one that is meant.

    >>> matches(reader.instruction("COPY ./package*.json ./"), "COPY package.json")
    True
    """
    keyword, _, rest = step.partition(" ")
    if one.keyword != keyword.upper():
        return False
    parts = rest.split("|")
    if isinstance(one, Copy):
        return any(brings(one, part) for part in parts)
    line = " ".join(one.text.split()[1:])
    return any(part in line for part in parts)


def brings(copy: Copy, path: str) -> bool:
    """Whether a COPY from the folder names this file, or all."""
    if copy.from_:
        return False
    if path in WHOLE:
        return bool(set(copy.sources) & set(WHOLE))
    named = (source.removeprefix("./") for source in copy.sources if source not in WHOLE)
    return any(fnmatchcase(path, source) for source in named)
