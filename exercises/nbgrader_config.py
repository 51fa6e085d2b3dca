"""nbgrader's settings for this course: run ``nbgrader`` in this folder."""

import re
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor

import dockerlab
from dockerlab.course.tidy import tidy

c = get_config()  # noqa: F821

HERE = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "dockerlab"
c.CourseDirectory.root = str(HERE)

# Nothing that raises: the rest of the notebook can be run before this answer is there.
c.ClearSolutions.code_stub = {"python": "# Your answer · 답을 쓰는 자리"}

# A build may take a while; a cell that does not end is stopped then.
c.Execute.timeout = 180


def starters(folder: Path) -> list[str]:
    """The files that learners begin with, and change."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ipynb")
    return [str(path.relative_to(folder)) for path in files]


# What a learner edited counts. Without this, nbgrader puts its own copies over them.
c.Autograde.exclude_overwriting = {
    folder.name: starters(folder) for folder in HERE.glob("source/*") if folder.is_dir()
}


class Tidied(NbGraderPreprocessor):
    """Removes what the submission before made: nbgrader grades all of them on one engine."""

    def preprocess(self, book, resources):
        for chapter in re.findall(r"chapter(\d+)", resources["nbgrader"]["assignment"]):
            tidy(dockerlab.connect(quiet=True), f"ex{chapter}")
        return book, resources


c.Autograde.autograde_preprocessors = [
    Tidied,
    *Autograde().autograde_preprocessors,
    Tidied,
]
