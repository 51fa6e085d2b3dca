"""Every view in JupyterLab for who sees, hears or moves otherwise: axe-core, contrast, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from dockerlab.views.words import Language
from tests.browser import access, jupyter
from tests.exhibits import EXHIBITS, PICTURES

pytestmark = pytest.mark.timeout(180)

HERE = Path(__file__).resolve().parents[2]
BEGIN = f"import sys; sys.path.insert(0, {str(HERE)!r})\nfrom tests.exhibits import EXHIBITS, Still"
STILL = "view = EXHIBITS['{name}']('{lang}')\nprint(view)\nStill(view)"


class Room:
    """A page with every view: live ones first, then what is left of them in a saved notebook."""

    def __init__(self, lab: jupyter.Lab, lang: Language) -> None:
        self.lab = lab
        self.page = lab.page
        self.lang = lang

    def live(self, name: str) -> Any:
        """The output of one exhibit."""
        return (
            self.page.locator(".jp-CodeCell")
            .nth(1 + list(EXHIBITS).index(name))
            .locator(".jp-OutputArea-child")
            .first
        )

    def themed(self, theme: str) -> None:
        self.lab.dark(theme == "dark")
        self.page.wait_for_function(access.THEMED, arg=theme == "light")


@pytest.fixture(scope="module", params=["en", "ko"])
def room(request: Any, chromium: Any, jupyter_server: jupyter.Server) -> Iterator[Room]:
    lang = request.param
    live = [f"EXHIBITS['{name}']('{lang}')" for name in EXHIBITS]
    still = [STILL.format(name=name, lang=lang) for name in PICTURES]
    jupyter.notebook(jupyter_server.folder / f"room-{lang}.ipynb", [BEGIN, *live, *still])
    # A tall window, since JupyterLab draws only the cells that are in sight.
    page = chromium.new_page(viewport={"width": 1280, "height": 30_000})
    lab = jupyter.Lab(page, jupyter_server)
    lab.open(f"room-{lang}.ipynb")
    lab.run_all()
    made = Room(lab, lang)
    for name in EXHIBITS:
        made.live(name).locator("section, table, iframe").first.wait_for()
    yield made
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(room: Room, theme: str) -> None:
    room.themed(theme)
    found = access.serious(room.page)
    assert not found, "\n".join(found)
    assert room.page.evaluate(access.TWICE) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_in_drawings_stand_out(room: Room, theme: str) -> None:
    room.themed(theme)
    drawings = room.page.locator(".dl-view svg").all()
    assert len(drawings) > 15
    faint = {name: found for name in EXHIBITS if (found := faint_letters(room.live(name)))}
    assert faint == {}


def faint_letters(output: Any) -> list[str]:
    return [one for svg in output.locator("svg").all() for one in svg.evaluate(access.FAINT)]


def lost(room: Room, output: Any) -> list[str]:
    """What of an output cannot be reached by Tab, is not seen to be in focus, or has no name."""
    stops = output.evaluate(access.STOPS)
    walked = access.walk(room.page, output)
    reached = [one["stop"] for one in walked]
    found = [f"Tab goes {reached} and not {stops}"] * (reached != stops)
    for one in walked:
        found += [f"no ring: {one['what']}"] * (one["ring"] < 1)
        found += [f"no name: {one['what']}"] * (not one["name"])
    return found


@pytest.mark.parametrize("room", ["en"], indirect=True)
class TestHands:
    """What no language changes."""

    def test_nothing_is_said_while_only_time_goes_by(self, room: Room) -> None:
        """A build, a run and an environment are under way on this page."""
        heard = room.page.evaluate(access.HEARD, [access.REGIONS, 1500])
        assert heard["regions"] > 15
        assert (heard["rude"], heard["heard"]) == ([], [])

    def test_tab_leads_through_every_view_and_out_of_it(self, room: Room) -> None:
        wrong = {name: found for name in EXHIBITS if (found := lost(room, room.live(name)))}
        assert wrong == {}

    def test_arrow_keys_go_along_a_toolbar_and_enter_acts(self, room: Room) -> None:
        buttons = room.live("life").get_by_role("toolbar").get_by_role("button")
        first = buttons.first
        first.focus()
        room.page.keyboard.press("ArrowRight")
        expect(buttons.nth(1)).to_be_focused()
        room.page.keyboard.press("End")
        expect(buttons.last).to_be_focused()
        room.page.keyboard.press("ArrowRight")
        expect(first).to_be_focused()
        room.page.keyboard.press("Tab")
        expect(room.live("life").locator("summary")).to_be_focused()
        room.live("life").get_by_role("button", name="unpause").press("Enter")
        expect(room.live("life").locator("[data-state=running].here")).to_be_attached()

    def test_a_radio_button_is_chosen_by_arrow_keys(self, room: Room) -> None:
        options = room.live("quiz").get_by_role("radio")
        options.first.press("Space")
        expect(options.first).to_be_checked()
        room.page.keyboard.press("ArrowDown")
        expect(options.last).to_be_checked()

    def test_nothing_moves_for_who_asked_for_rest(self, room: Room) -> None:
        assert room.page.evaluate(access.MOVING)
        room.page.emulate_media(reduced_motion="reduce")
        try:
            assert room.page.evaluate(access.MOVING) == []
        finally:
            room.page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_in_still_pictures_stand_out(chromium: Any, scheme: Any) -> None:
    """As on GitHub, where the reader's system says whether it is dark."""
    page = chromium.new_page(color_scheme=scheme)
    faint = {}
    for lang in ("en", "ko"):
        for name, made in PICTURES.items():
            page.set_content(f"<body>{made(lang).svg}</body>")
            found = page.locator("svg.dl").evaluate(access.FAINT)
            faint |= {f"{name} {lang}": found} if found else {}
    page.close()
    assert faint == {}
