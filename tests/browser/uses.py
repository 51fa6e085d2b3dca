"""One use of each kind of view, as a learner would use it: a click or a key, and something moves.

What a view offers is found by its role, as a screen reader finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import TimeoutError, expect

from dockerlab.views.words import Language, Words

expect.set_options(timeout=30_000)  # as long as a busy machine needs

PATH = "/etc/hostname"
"""A file that every container has from its engine."""


def use(view: Any, lang: Language) -> str:
    """Use what this view offers; says by which role. Fails when nothing comes of it."""
    view.scroll_into_view_if_needed()  # JupyterLab draws no more than can be seen: no text, either
    for name, (offered, used) in USES.items():
        if offered(view, lang).count():
            used(view, offered(view, lang).first)
            return name
    raise AssertionError(f"nothing to use in {view.get_attribute('aria-label')}")


def role(name: str, **facts: Any) -> Callable[[Any, Language], Any]:
    return lambda view, _: view.get_by_role(name, **facts)


def next_step(view: Any, lang: Language) -> Any:
    return view.get_by_role("button", name=Words(lang)("run.next"))


def parts(view: Any, _: Language) -> Any:
    return view.get_by_role("group").get_by_role("img")


def actions(view: Any, _: Language) -> Any:
    return view.get_by_role("toolbar").get_by_role("button", disabled=False)


def told(view: Any) -> Any:
    return view.locator("[role=status]")


def open_layers(view: Any, stack: Any) -> None:
    """The next layer, and a folder of its files."""
    chosen = stack.get_by_role("option", selected=True)
    before = chosen.get_attribute("id")
    stack.press("ArrowDown")
    expect(chosen).not_to_have_id(before)
    rows, folders = view.get_by_role("treeitem"), view.get_by_role("treeitem", expanded=True)
    number = rows.count()
    try:
        folders.first.click(timeout=5_000)
    except TimeoutError:  # a layer of files alone
        return
    expect(rows).not_to_have_count(number)


def slide(view: Any, slider: Any) -> None:
    before = told(view).inner_text()
    slider.press("ArrowRight")
    expect(told(view)).not_to_have_text(before)


def edit_a_file(view: Any, box: Any) -> None:
    steps = view.get_by_role("list").first
    before = steps.inner_text()
    box.check()
    expect(steps).not_to_have_text(before, use_inner_text=True)


def ask_for_a_path(view: Any, field: Any) -> None:
    field.fill(PATH)
    field.press("Enter")
    expect(told(view)).to_contain_text(PATH)


def find_lines(view: Any, field: Any) -> None:
    before = told(view).inner_text()
    field.fill("no such word")
    expect(told(view)).not_to_have_text(before)


def open_a_row(view: Any, row: Any) -> None:
    name = row.inner_text()
    row.press("Enter")
    expect(view.get_by_role("button", name=name, expanded=True).first).to_be_visible()


def step(view: Any, button: Any) -> None:
    button.click()
    expect(told(view)).to_contain_text("1. ")


def point_at(view: Any, part: Any) -> None:
    part.focus()
    expect(told(view)).to_have_text(part.get_attribute("aria-label"))


def act(view: Any, button: Any) -> None:
    before = view.inner_text()
    button.click()
    expect(view).not_to_have_text(before, use_inner_text=True)


def choose(view: Any, button: Any) -> None:
    name = button.inner_text()
    button.click()
    chosen = view.get_by_role("button", name=name, pressed=True)
    expect(chosen).to_be_visible(timeout=15_000)


def go_to(_: Any, link: Any) -> None:
    """Not followed: it leads to another notebook."""
    link.focus()
    expect(link).to_be_focused()
    assert link.get_attribute("href")


USES: dict[str, tuple[Callable[[Any, Language], Any], Callable[[Any, Any], None]]] = {
    "listbox": (role("listbox"), open_layers),
    "slider": (role("slider"), slide),
    "checkbox": (role("checkbox"), edit_a_file),
    "searchbox": (role("searchbox"), find_lines),
    "textbox": (role("textbox"), ask_for_a_path),
    "row": (role("button", expanded=False), open_a_row),
    "next step": (next_step, step),
    "part": (parts, point_at),
    "action": (actions, act),
    "choice": (role("button", pressed=False), choose),
    "link": (role("link"), go_to),
}
"""What a view may offer, and its use: the first that is found counts."""


def type_into(console: Any) -> None:
    """A line into a console, which answers it and asks again; then its end.

    Not before it asks: redis-cli forgets what is typed while it answers.
    """
    log = console.get_by_role("log")
    expect(log).to_have_text(re.compile(r"[#$>]\s*$"))
    prompt = re.escape(log.text_content().splitlines()[-1].rstrip())
    console.get_by_role("textbox").fill("help")
    console.get_by_role("textbox").press("Enter")
    expect(log).to_have_text(re.compile(rf"{prompt} ?help\n.*\n{prompt}\s*$", re.DOTALL))
    console.get_by_role("button", name="Ctrl-D").click()
    expect(console.get_by_role("textbox")).to_be_disabled()


def visit(frame: Any) -> None:
    """A container's page: something stands on it, and its first button does something."""
    body = frame.content_frame.locator("body")
    expect(body).not_to_have_text("", use_inner_text=True)
    button = body.get_by_role("button")
    if button.count():
        before = body.inner_text()
        button.first.click()
        expect(body).not_to_have_text(before, use_inner_text=True)
