"""Names of containers: the rule they follow, and a friendly one for those without."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container

from dockerlab.engine.errors import BadParameter

_RULE = "[a-zA-Z0-9][a-zA-Z0-9_.-]"
_NAME = re.compile(_RULE + "+")

_ADJECTIVES = (
    "agile amber ancient balanced blissful brave bright brisk calm candid careful cheerful clever "
    "cosy crisp curious daring deft dreamy eager earnest elegant epic fair fearless festive fond "
    "frosty gallant gentle gifted glad golden graceful happy hardy honest hopeful humble jolly "
    "keen kind lively lucid lucky mellow merry mindful modest nimble noble patient peaceful "
    "playful polite proud quick quiet quirky ready relaxed rosy serene sharp silent sincere "
    "sleepy smart snug sparkling steady sunny swift tender thoughtful tidy tranquil trusty upbeat "
    "vivid warm wise witty wonderful youthful zealous zesty"
)
_SURNAMES = (
    "abel allen archimedes babbage bernoulli bohr boole brahe bragg cantor cerf chandrasekhar "
    "church clarke codd copernicus cray curie darwin dijkstra dirac einstein engelbart erdos "
    "euclid euler faraday fermat fermi feynman fibonacci floyd franklin galileo galois gauss "
    "germain goldberg hamilton heisenberg hertz hilbert hoare hopper hypatia jang kalman kepler "
    "kernighan knuth kovalevskaya lamarr lamport laplace leibniz liskov lovelace maxwell mccarthy "
    "meitner mendel minsky moser naur newton noether nobel pascal pasteur pauli perlis planck "
    "poincare ramanujan riemann ritchie rubin sagan shannon shockley sinoussi tarjan tesla "
    "thompson torvalds turing volta wiles wilkes wirth wozniak wu yalow zuse"
)

ADJECTIVES = tuple(_ADJECTIVES.split())
SURNAMES = tuple(_SURNAMES.split())


def check(name: str, shown: str | None = None) -> str:
    """The name without a leading slash, when it follows the rule.

    ``shown``: how the refusal spells it; Docker shows it as it was given.
    """
    bare = name.removeprefix("/")
    if not _NAME.fullmatch(bare):
        raise BadParameter(
            f"Invalid container name ({shown if shown is not None else name}), "
            f"only {_RULE} are allowed"
        )
    return bare


def invent(taken: Container[str]) -> str:
    """A name like ``quiet_hopper`` that is not taken."""
    for _ in range(20):
        name = f"{secrets.choice(ADJECTIVES)}_{secrets.choice(SURNAMES)}"
        if name not in taken:
            return name
    while True:
        name = f"{secrets.choice(ADJECTIVES)}_{secrets.choice(SURNAMES)}{secrets.randbelow(10_000)}"
        if name not in taken:
            return name
