"""What is shown as a plain table or as another page: lists, a plan, advice, a container's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.client.pages.answer import Answer
from dockerlab.client.pages.calls import Page
from dockerlab.course.advice.report import explain
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.table import Table
from dockerlab.magics.widget import ConsoleWidget

DOCKERFILE = "FROM node\nRUN npm install\nCOPY . .\n"
ROWS = (("3f3f3f3f3f3f", "alpine", "Exited (1) 3 seconds ago"),)
STEP = Step("1", "create container", "shop-web-1", reason="it is missing")


def table(lang: Any) -> Table[tuple[str, ...]]:
    return Table(("CONTAINER ID", "IMAGE", "STATUS"), ROWS, lambda row: row, caption="Containers")


def console(lang: Any) -> ConsoleWidget:
    shown = ConsoleWidget("docker exec -it web sh")
    shown.text = "/ # ls\nbin  etc  usr\n/ # "
    return shown


def page(lang: Any) -> Page:
    answer = Answer("http://127.0.0.1:8080/", 200, "OK", b"<title>Hi</title><h1>Hi</h1>")
    return Page("web", 8080, "about:blank", answer, height=60)


EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "table": table,
    "plan": lambda lang: Plan("up", "shop", (STEP,)),
    "advice": lambda lang: explain(DOCKERFILE, lang=lang),
    "page": page,
    "console": console,
}
