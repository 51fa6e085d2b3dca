"""``make site``: the edition for reading, both languages, in build/site.

``--external`` only asks whether the links to the outside are alive, which needs the internet.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from links import problems

from dockerlab.course.progress import silent
from dockerlab.course.standins.npm import Archive, fetch
from dockerlab.errors import DockerlabError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build"
LANGUAGES = ("en", "ko")
MERMAID = Archive(
    "mermaid",
    "@mermaid-js/tiny",
    "11.17.2",
    {
        "": "PmFr1c5cSfNf5AngLLR98DrbvR4U5KeD7I+hQkGqG5w5Veu3QT4dG0qu9f99cpn/sKj2XxRBK0q7EL6hr9NY/A==",  # noqa: E501
    },
)


def bring_mermaid(folder: Path) -> None:
    """Have the program that draws the diagrams in ``folder``, to be served with the pages."""
    program = "mermaid.tiny.js"
    with tarfile.open(fetch(MERMAID, "", folder.parent / "npm", silent)) as archive:
        source = archive.extractfile(f"package/dist/{program}")
        assert source, "npm's package has it"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / program).write_bytes(source.read())


def sphinx(builder: str, language: str, out: Path) -> bool:
    """Run Sphinx for one language, from the beginning; False if it has warned of something."""
    words = ["-q", "-E", "-W", "-b", builder, "-t", language, "-c", str(HERE)]
    trees = out.parent.with_name("doctrees") / language
    command = [sys.executable, "-m", "sphinx", *words, "-d", str(trees), str(ROOT), str(out)]
    return subprocess.run(command, timeout=900).returncode == 0


def build(out: Path) -> list[str]:
    """Make the site anew in ``out``; returns what is wrong with it."""
    bring_mermaid(BUILD / "mermaid")
    shutil.rmtree(out, ignore_errors=True)
    for language in LANGUAGES:
        if not sphinx("html", language, out / language):
            return ["Sphinx has warned, see above; nothing that it warns of may stay."]
    shutil.rmtree(out / "jupyter_execute", ignore_errors=True)  # MyST-NB's; copied to _images
    shutil.copy(HERE / "front.html", out / "index.html")
    return problems(out)


def main() -> None:
    """Build, or look outside; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--external", action="store_true")
    parser.add_argument("--out", type=Path, default=BUILD / "site")
    asked = parser.parse_args()
    if asked.external:
        alive = [sphinx("linkcheck", each, BUILD / "linkcheck" / each) for each in LANGUAGES]
        sys.exit(not all(alive))
    try:
        found = build(asked.out.resolve())
    except DockerlabError as error:
        sys.exit(f"dockerlab: {error}")
    print("\n".join(found) or f"The site is in {asked.out}: open its index.html.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
