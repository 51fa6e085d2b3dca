"""Looking at claims in tests: what was found, in a word, and that it can be said."""

from __future__ import annotations

import uuid
from pathlib import Path

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.outcome import Finding, Saying

MINE = f"dltest-{uuid.uuid4().hex[:6]}-"
"""How the names of what these tests make begin."""


def bench_of(lab: Lab, folder: Path) -> Bench:
    """A bench whose pages nobody serves."""

    def silent(port: int, path: str = "/", *, patience: float = 5.0) -> tuple[int, str]:
        raise ConnectionRefusedError(port)

    return Bench(lab, folder, silent)


def found(bench: Bench, claim: Claim) -> str:
    """``met``, or the key of the reason; claim and reason can be said in both languages."""
    finding: Finding = claim.look(bench)
    sayable(claim.says)
    sayable(finding.why)
    return "met" if finding else finding.why.key


def seen(bench: Bench, spot: Spot) -> dict[str, object] | None:
    """What a misconception was seen by; its hint can be said in both languages."""
    fields = spot.see(bench)
    if fields is not None:
        sayable(Saying(f"spot.{spot.name}", fields))
    return fields


def sayable(saying: Saying) -> None:
    english, korean = saying.text("en"), saying.text("ko")
    assert english
    assert korean
    assert english != korean
    for text in (english, korean):
        assert "\x1b" not in text
        assert len(text) < 1_000
