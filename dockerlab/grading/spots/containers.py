"""Misconceptions about containers: how they are named, started and ended."""

from __future__ import annotations

import difflib
import posixpath
import shlex
from collections.abc import Callable, Iterator

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.output import written
from dockerlab.grading.claims.containers.states import (
    code_of,
    command_of,
    config_of,
    error_of,
    host_of,
    started,
    status_of,
)
from dockerlab.grading.claims.disks.contents import at
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import Facts, container_facts, image_facts
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None
MOST = 50
"""Containers that are looked at for one misconception, the newest first."""
SHELLS = ("sh", "ash", "bash", "dash")
SHELL_WORDS = (">", ">>", "<", "|", "&", "&&", "||", ";", "cd", "exit", "export", "trap")
"""What only a shell understands."""
KILLED = 137
MISSING = 127
SIMILAR = 0.75


def options_after_image(name: str) -> Spot:
    """``docker run redis --name NAME``: what stands behind the image is its command."""

    def see(bench: Bench) -> Seen:
        for facts in newest(bench):
            words = command_of(facts)
            if words[:1] and words[0].startswith("-") and named(words, name):
                return {"option": excerpt(words[0]), "container": name_of(facts)}
        return None

    return Spot("options-after-image", see)


def similar_name(name: str, *others: str) -> Spot:
    """There is a container of nearly this name; ``others`` are names that are right as well."""

    def see(bench: Bench) -> Seen:
        if container_facts(bench, name):
            return None
        there = {name_of(facts) for facts in newest(bench)} - set(others)
        close = difflib.get_close_matches(name, there, n=1, cutoff=SIMILAR)
        return {"name": name, "there": close[0]} if close else None

    return Spot("similar-name", see)


def only_created(name: str) -> Spot:
    """It was created, and the start is missing."""
    return _spot("only-created", name, lambda facts: status_of(facts) == "created", tried=False)


def already_started(name: str) -> Spot:
    """It was only to be created, and has run."""
    return _spot("already-started", name, lambda facts: status_of(facts) != "created")


def nothing_to_do(name: str) -> Spot:
    """A shell without a terminal or a line to run: it ended at once."""
    return _spot("nothing-to-do", name, _idle_shell)


def no_such_program(name: str) -> Spot:
    """The image does not hold the program."""

    def judge(facts: Facts) -> bool:
        return code_of(facts) == MISSING and bool(error_of(facts))

    return _spot("no-such-program", name, judge, program=lambda facts: started(facts)[0])


def line_as_one_word(name: str) -> Spot:
    """``"ls -l"`` in quotes: a program of that name, blank included, was looked for."""

    def judge(facts: Facts) -> bool:
        return bool(error_of(facts)) and " " in started(facts)[0]

    return _spot("line-as-one-word", name, judge, program=lambda facts: started(facts)[0])


def command_replaced(name: str) -> Spot:
    """It has ended, and what it ran was not the image's own start command."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, name)
        if facts is None or status_of(facts) != "exited":
            return None
        image = image_facts(bench, str(facts.get("Image") or ""))
        if image is None or command_of(image) == command_of(facts):
            return None
        return {"container": name, "command": excerpt(shlex.join(command_of(facts)))}

    return Spot("command-replaced", see)


def unquoted_line(name: str) -> Spot:
    """``sh -c exit 3``: the shell took the first word for the whole line."""

    def judge(facts: Facts) -> bool:
        first, *rest = started(facts)
        return posixpath.basename(first) in SHELLS and rest[:1] == ["-c"] and len(rest) > 2

    return _spot("unquoted-line", name, judge, word=lambda facts: started(facts)[2])


def needs_a_shell(name: str) -> Spot:
    """``>``, ``&&`` or ``exit`` without a shell that would understand it."""
    return _spot("needs-a-shell", name, shell_word, word=shell_word)


def ended_by_force(name: str) -> Spot:
    """It was killed: by ``kill``, or when the time of ``stop`` was over."""
    return _spot("ended-by-force", name, _killed)


def deaf_first_process(name: str) -> Spot:
    """It runs a plain program as number 1, which does not feel SIGTERM, and so was killed."""

    def judge(facts: Facts) -> bool:
        return _killed(facts) and not host_of(facts).get("Init")

    return _spot("deaf-first-process", name, judge)


def rm_of_running(name: str) -> Spot:
    """It was to be removed, and still runs: ``rm`` has refused it."""

    def judge(facts: Facts) -> bool:
        return status_of(facts) in ("running", "paused", "restarting")

    return _spot("rm-of-running", name, judge)


def wrote(spot: str, name: str, text: str) -> Spot:
    """``text`` in its output gives away what was done; the exercise says what that is."""

    def see(bench: Bench) -> Seen:
        return {"container": name} if text in (written(bench, name) or "") else None

    return Spot(spot, see)


def computed_not_printed(name: str) -> Spot:
    """The program ended well, without having written anything."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, name)
        if facts is None or status_of(facts) != "exited" or code_of(facts):
            return None
        return None if (written(bench, name) or "").strip() else {"container": name}

    return Spot("computed-not-printed", see)


def heard_but_went_on(name: str, text: str) -> Spot:
    """It answered SIGTERM by writing ``text``, did not end, and was killed."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, name)
        if facts is None or not _killed(facts) or text not in (written(bench, name) or ""):
            return None
        return {"container": name}

    return Spot("heard-but-went-on", see)


def written_elsewhere(name: str, path: str, *others: str) -> Spot:
    """The file is in another container; ``others`` may have it."""

    def see(bench: Bench) -> Seen:
        for facts in newest(bench):
            there = name_of(facts)
            if there not in (name, *others) and at(bench, str(facts["Id"]), path):
                return {"container": name, "path": path, "there": there}
        return None

    return Spot("written-elsewhere", see)


# --- what they look at ---


def newest(bench: Bench) -> Iterator[Facts]:
    """The engine's containers, stopped ones too; what is gone meanwhile is left out."""
    for row in bench.api.containers(all=True, limit=MOST):
        facts = container_facts(bench, str(row["Id"]))
        if facts is not None:
            yield facts


def name_of(facts: Facts) -> str:
    return excerpt(str(facts.get("Name") or "").lstrip("/"))


def named(words: list[str], name: str) -> bool:
    return any(word in (name, f"--name={name}") for word in words)


def shell_word(facts: Facts) -> str:
    """The first word of its command that only a shell would understand; empty where one runs."""
    first, *rest = [*started(facts), ""]
    if posixpath.basename(first) in SHELLS:
        return ""
    return next((word for word in (first, *rest) if word in SHELL_WORDS), "")


def _spot(
    spot: str,
    name: str,
    judge: Callable[[Facts], object],
    *,
    tried: bool = True,
    **fields: Callable[[Facts], str],
) -> Spot:
    """Of the one container; ``tried=False`` leaves out those that could not be started."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, name)
        if facts is None or not judge(facts) or (error_of(facts) and not tried):
            return None
        return {"container": name, **{key: excerpt(of(facts)) for key, of in fields.items()}}

    return Spot(spot, see)


def _idle_shell(facts: Facts) -> bool:
    words = started(facts)
    alone = len(words) == 1 and posixpath.basename(words[0]) in SHELLS
    return alone and status_of(facts) == "exited" and not config_of(facts).get("OpenStdin")


def _killed(facts: Facts) -> bool:
    return status_of(facts) == "exited" and code_of(facts) == KILLED
