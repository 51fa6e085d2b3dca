"""The palette: every pair that is used reads well, and no accent turns into another for anybody.

Contrast is WCAG 2.2's (1.4.3 letters, 1.4.11 borders of fields). How colours look to somebody whose
eyes lack one kind of cones is computed with the matrices of Machado, Oliveira and Fernandes
(2009, severity 1.0); how far apart two are, in CIELAB (a difference of 2.3 is just noticeable).
"""

from __future__ import annotations

from itertools import combinations

import pytest

from dockerlab.views.drawing import COLOURS, upon

Colour = tuple[float, float, float]
ACCENTS = ("blue", "green", "orange", "red", "purple")
GROUNDS = ("canvas", "panel", "sunken")
LIGHT, DARK = 0, 1
EYES = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
APART = 12.0
"""Five times what is just noticeable: seen at a glance, also of thin lines."""


def linear(role: str, theme: int) -> Colour:
    """Red, green and blue as light, from 0 to 1."""
    value = COLOURS[role][theme]
    parts = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def contrast(one: str, other: str, theme: int) -> float:
    lights = [
        sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear(role, theme), strict=True))
        for role in (one, other)
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def seen(role: str, theme: int, eyes: str) -> Colour:
    """In CIELAB, under daylight (D65)."""
    light = linear(role, theme)
    red, green, blue = (
        min(max(sum(a * b for a, b in zip(row, light, strict=True)), 0.0), 1.0)
        for row in EYES[eyes]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: str, other: str, theme: int, eyes: str) -> float:
    pairs = zip(seen(one, theme, eyes), seen(other, theme, eyes), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
class TestPalette:
    def test_letters_stand_out_on_what_they_stand_on(self, theme: int) -> None:
        for ink in ("ink", "muted", *(f"{accent}-text" for accent in ACCENTS)):
            for ground in (*GROUNDS, *(f"{accent}-soft" for accent in ACCENTS)):
                assert contrast(ink, ground, theme) >= 4.5, (ink, ground)

    def test_so_do_those_on_a_filled_accent_and_on_a_screen(self, theme: int) -> None:
        for fill in (*ACCENTS, "ink", "muted", "edge"):
            assert contrast(upon(fill), fill, theme) >= 4.5, fill
        for ink in ("screen-ink", "screen-muted"):
            assert contrast(ink, "screen", theme) >= 4.5

    def test_borders_of_fields_and_the_ring_of_focus_are_seen(self, theme: int) -> None:
        for line in ("edge", "blue"):
            for ground in ("canvas", "panel"):
                assert contrast(line, ground, theme) >= 3, (line, ground)

    @pytest.mark.parametrize("eyes", EYES)
    def test_accents_are_told_apart(self, theme: int, eyes: str) -> None:
        near = {
            pair: round(far, 1)
            for pair in combinations(ACCENTS, 2)
            if (far := distance(*pair, theme, eyes)) < APART
        }
        assert near == {}
