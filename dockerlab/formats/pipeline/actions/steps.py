"""``steps:`` of a job."""

from __future__ import annotations

import re
from collections.abc import Collection

from dockerlab.formats.pipeline.actions.checking import IF_STEP, IN_STEP, condition, template
from dockerlab.formats.pipeline.actions.uses import action
from dockerlab.formats.pipeline.plan import Beanstalk, Pairs, Script, Step
from dockerlab.formats.pipeline.reading import Node

_KEYS = (
    *("name", "id", "if", "run", "uses", "with", "env", "shell", "working-directory"),
    *("continue-on-error", "timeout-minutes"),
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
SHELLS = ("bash", "sh")
MOST_STEPS = 200
LONGEST_MINUTES = 360


def steps(node: Node, shell: str, folder: str) -> tuple[Step, ...]:
    """All steps of a job; ``shell`` and ``folder`` hold where a step names none."""
    found = tuple(_step(one, shell, folder) for one in node.items())
    if not found:
        node.fail("is empty", "as in - run: npm test")
    if len(found) > MOST_STEPS:
        node.fail(f"holds {len(found)} steps; {MOST_STEPS} is the most here")
    ids = [step.id for step in found if step.id]
    if len(set(ids)) < len(ids):
        node.fail("two steps have the same id")
    return found


def _step(node: Node, shell: str, folder: str) -> Step:
    keys = node.mapping(_KEYS)
    if ("run" in keys) == ("uses" in keys):
        node.fail("a step has either run: or uses:", "as in - run: npm test")
    if "run" in keys:
        if "with" in keys:
            keys["with"].fail("belongs to uses:", "a run: gets what it needs by env:")
        chosen = shell_of(keys["shell"]) if "shell" in keys else shell
        text = template(keys["run"], IN_STEP)
        work: Script = Script(text, chosen)
        return _made(node, keys, work, f"Run {_first(text)}", folder)
    for key in ("shell", "working-directory"):
        if key in keys:
            keys[key].fail("belongs to run:")
    return _made(node, keys, action(keys["uses"], keys.get("with")), keys["uses"].word(), "")


def _made(node: Node, keys: dict[str, Node], work: object, title: str, folder: str) -> Step:
    return Step(
        name=template(keys["name"], IN_STEP) if "name" in keys else title,
        work=work,  # type: ignore[arg-type]  # a Script, or what uses: stands for
        phase="deploy" if isinstance(work, Beanstalk) else "",
        id=_id(keys["id"]) if "id" in keys else "",
        condition=condition(keys["if"], IF_STEP) if "if" in keys else "",
        forgiving=forgiving(keys.get("continue-on-error"), IN_STEP),
        environment=environment(keys.get("env"), IN_STEP),
        folder=_folder(keys, folder),
        seconds=seconds(keys.get("timeout-minutes")),
        line=node.line,
    )


def _folder(keys: dict[str, Node], otherwise: str) -> str:
    node = keys.get("working-directory")
    return template(node, IN_STEP) if node else otherwise


def _id(node: Node) -> str:
    word = node.word()
    return (
        word if _ID.fullmatch(word) else node.fail(f"{word!r} cannot be an id", "letters, - and _")
    )


def shell_of(node: Node) -> str:
    word = node.word()
    if word not in SHELLS:
        node.fail(f"{word} is not supported here", f"there are: {', '.join(SHELLS)}")
    return word


def environment(node: Node | None, allowed: Collection[str]) -> Pairs:
    """``env:`` at any of its three levels."""
    found = []
    for name, value in node.pairs() if node else ():
        if not _VARIABLE.fullmatch(name):
            value.fail(f"{name!r} cannot be the name of a variable", "letters, digits and _ only")
        found.append((name, "" if value.empty else template(value, allowed)))
    return tuple(found)


def forgiving(node: Node | None, allowed: Collection[str]) -> str:
    """``continue-on-error``: a yes, a no, or an expression in braces."""
    if node is None or node.value is False:
        return ""
    if node.value is True:
        return "true"
    text = template(node, allowed)
    return text if "${{" in text else node.fail("must be true, false or ${{ … }}")


def seconds(node: Node | None) -> float | None:
    """``timeout-minutes`` in seconds."""
    return node.number(0.001, LONGEST_MINUTES) * 60 if node else None


def _first(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else "(nothing)"
