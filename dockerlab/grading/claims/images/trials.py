"""What can be claimed of an image by trying it: a container of it runs for a moment.

    trial("ex3/hello").prints("Hello")
    trial("ex3/clock").repeats_line(1)
    trial("ex3/bell").heeds_stop(ready="open")

What runs is the learner's: it gets little memory, no network, a moment, and is heard out only so
far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.boxes import Ran, Refused, heard, ran_once, started
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

Look = Callable[[Bench], Finding]
GRACE = 3
"""Seconds that a program has to end when it is told to."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A container of an image, started as the image says."""

    image: str
    within: float = 10.0
    """Seconds in which it is to say what it says."""

    def prints(self, *texts: str) -> Claim:
        """All of them, in this order."""
        says = say("trial.prints", image=self.image, text=" … ".join(texts))
        return self._claim(says, lambda bench: self._printed(bench, texts))

    def prints_just(self, *lines: str) -> Claim:
        """These lines and no others."""
        says = say("trial.prints_just", image=self.image, lines=" / ".join(lines))
        return self._claim(says, lambda bench: self._printed_just(bench, list(lines)))

    def ends(self, code: int = 0) -> Claim:
        """By itself, with this exit code."""
        says = say("trial.ends", image=self.image, code=code)
        return self._claim(says, lambda bench: self._ended(bench, code))

    def repeats_line(self, number: int) -> Claim:
        """The line, counted from 1, is the same in each container."""
        says = say("trial.repeats", image=self.image, number=number)
        return self._claim(says, lambda bench: self._twice(bench, number, same=True))

    def renews_line(self, number: int) -> Claim:
        """The line, counted from 1, is another one in each container."""
        says = say("trial.renews", image=self.image, number=number)
        return self._claim(says, lambda bench: self._twice(bench, number, same=False))

    def heeds_stop(self, ready: str) -> Claim:
        """Told to stop, it ends by itself with exit code 0; ``ready`` is what it prints before."""
        says = say("trial.heeds_stop", image=self.image)
        return self._claim(says, lambda bench: self._stopped(bench, ready))

    def _claim(self, says: Saying, look: Look) -> Claim:
        def found(bench: Bench) -> Finding:
            if image_facts(bench, self.image) is None:
                return absent("image.absent", image=self.image)
            try:
                return look(bench)
            except Refused as error:
                return unmet("trial.refused", image=self.image, error=excerpt(str(error)))

        return Claim(says, found)

    def _printed(self, bench: Bench, texts: tuple[str, ...]) -> Finding:
        ran = ran_once(bench, self.image, self.within)
        at = 0
        for text in texts:
            found = ran.output.find(text, at)
            if found < 0:
                return self._otherwise(ran, text)
            at = found + len(text)
        return met()

    def _printed_just(self, bench: Bench, lines: list[str]) -> Finding:
        ran = ran_once(bench, self.image, self.within)
        if [line.strip() for line in ran.lines] == lines:
            return met()
        return self._otherwise(ran, " / ".join(lines))

    def _otherwise(self, ran: Ran, text: str) -> Finding:
        if not ran.output.strip():
            return unmet("trial.silent", image=self.image, text=text)
        output = excerpt(ran.output)
        return unmet("trial.other", image=self.image, text=text, output=output)

    def _ended(self, bench: Bench, code: int) -> Finding:
        ran = ran_once(bench, self.image, self.within)
        if ran.code is None:
            return unmet("trial.endless", image=self.image, seconds=round(self.within))
        if ran.code == code:
            return met()
        return unmet("trial.code", image=self.image, code=ran.code, wanted=code)

    def _twice(self, bench: Bench, number: int, *, same: bool) -> Finding:
        both = [ran_once(bench, self.image, self.within) for _ in range(2)]
        if any(len(ran.lines) < number for ran in both):
            there = min(len(ran.lines) for ran in both)
            return unmet("trial.few_lines", image=self.image, number=number, there=there)
        first, second = (excerpt(ran.lines[number - 1]) for ran in both)
        if same is (first == second):
            return met()
        key = "trial.renewed" if same else "trial.repeated"
        return unmet(key, image=self.image, number=number, first=first, second=second)

    def _stopped(self, bench: Bench, ready: str) -> Finding:
        with started(bench, self.image) as box:
            if ready not in heard(box, self.within, until=ready):
                return unmet("trial.not_ready", image=self.image, text=ready)
            bench.api.stop(box.id, timeout=GRACE)
            code = box.exit_code()
        if code == 0:
            return met()
        key = "trial.killed" if code == 137 else "trial.bad_end"
        return unmet(key, image=self.image, code=code, seconds=GRACE)


def trial(image: str, *, within: float = 10.0) -> Trial:
    return Trial(image, within)
