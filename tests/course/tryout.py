"""Try out exercises of the bank: does the solution pass, does each wrong answer get its hint?

    python tests/course/tryout.py [--engine namespaces-root] [--show] [ID …]

Without an ID all of them. The exit code is 1 if something is not as it must be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the engines of the tests

import docker  # noqa: E402
from attempts import Classroom, Tried, attempts  # noqa: E402
from engines import KINDS, start  # noqa: E402

from dockerlab.course.prepare import prepare  # noqa: E402
from dockerlab.errors import DockerlabError  # noqa: E402
from dockerlab.grading.bank import Bank  # noqa: E402


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Try out exercises of the bank.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="some exercises, or chapterN")
    parser.add_argument("--engine", choices=KINDS, default="docker", help="where (default: docker)")
    parser.add_argument("--bank", type=Path, default=HERE.parents[1] / "exercises")
    parser.add_argument("--show", action="store_true", help="what the cells printed, and the hints")
    return parser.parse_args(arguments)


def chosen(bank: Bank, words: Sequence[str]) -> list[str]:
    """The exercises that were asked for, by their names or their chapters'."""
    ids: list[str] = []
    for word in words or ["all"]:
        chapter = word.removeprefix("chapter")
        if word == "all":
            ids += bank.ids()
        elif chapter.isdigit():
            ids += bank.ids(int(chapter))
        else:
            ids.append(word)
    return ids


def line(tried: Tried) -> str:
    """One line of an attempt; more where something is not as it must be."""
    mark = "FAILED" if tried.wrong else "ok"
    outcome = tried.outcome
    text = f"{mark:7}{tried.attempt}  {outcome.points:g}/{outcome.of:g} {outcome.state}"
    text += f"  hints: {', '.join(tried.hints) or 'none'}  {tried.seconds:.1f} s"
    return f"{text}\n{tried.wrong}" if tried.wrong else text


def shown(tried: Tried) -> str:
    """What the cells printed and what a learner would read."""
    hints = [v.hint.text("en") for v in tried.outcome.verdicts if v.hint]
    return "\n".join([tried.ran.output.rstrip(), tried.told, *hints, "-" * 80])


def main(arguments: Sequence[str] | None = None) -> int:
    chose = options(arguments)
    bank = Bank(chose.bank)
    engine = start(chose.engine)
    failed = 0
    try:
        prepare(docker.DockerClient(base_url=engine.url, version="1.41"), progress=lambda _: None)
        classroom = Classroom(engine, bank, exclusive=engine.embedded)
        for id in chosen(bank, chose.ids):
            failed += try_all(classroom, id, show=chose.show)
    finally:
        engine.stop()
    print(f"{failed} failed" if failed else "all as it must be")
    return bool(failed)


def try_all(classroom: Classroom, id: str, *, show: bool) -> int:
    """All answers of one exercise; how many were not as they must be."""
    failed = 0
    try:
        for attempt in attempts(classroom.bank, id):
            tried = classroom.attempt(attempt)
            failed += bool(tried.wrong)
            print(line(tried), flush=True)
            if show or (tried.wrong and not attempt.hint):
                print(shown(tried), flush=True)
    except DockerlabError as error:
        print(f"FAILED {id}: {error}", flush=True)
        return failed + 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
