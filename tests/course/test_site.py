"""The edition for reading: everything that is stored in the notebooks is in it, and no link of it
is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from dockerlab.course.items import CHAPTERS

HERE = Path(__file__).resolve().parents[2]
WEBSITE = HERE / "notebooks" / "site"
EDITIONS = ("en", "ko")
DRAWN = 'class="dl"'


def python(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, cwd=HERE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "site"
    done = python(WEBSITE / "build.py", "--out", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def outputs(notebook: Any) -> list[Any]:
    return [each for cell in notebook.cells for each in cell.get("outputs", ())]


def pictures(notebook: Any) -> int:
    return sum(DRAWN in out.get("data", {}).get("image/svg+xml", "") for out in outputs(notebook))


def shown(text: str) -> str:
    """What a page shows of this HTML, without its colours."""
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", [Path(chapter.notebook).stem for chapter in CHAPTERS])
def test_a_chapter_has_its_cells_outputs_and_pictures(site: Path, edition: str, name: str) -> None:
    notebook = nbformat.read(HERE / "notebooks" / edition / f"{name}.ipynb", as_version=4)
    page = (site / edition / "notebooks" / edition / f"{name}.html").read_text()
    assert f'<html class="no-js" lang="{edition}"' in page
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert page.count('class="cell_input ') == len(code)
    assert page.count('class="cell_output ') == sum(bool(cell.outputs) for cell in code)
    assert page.count(f'<svg xmlns="http://www.w3.org/2000/svg" {DRAWN}') == pictures(notebook)
    assert "vnd.jupyter.widget" not in page
    printed = [out.text.strip() for out in outputs(notebook) if out.output_type == "stream"]
    plain = [text for text in printed if text.isalnum()]
    assert plain
    assert [text for text in plain if text not in shown(page)] == []


def test_both_languages_list_the_same_pages_first(site: Path) -> None:
    for chapter in CHAPTERS:
        for edition, end in zip(EDITIONS, ("", "-ko"), strict=True):
            name = f"chapter{chapter.number}{end}"
            assert (site / edition / f"exercises/release/{name}/{name}.html").is_file()
            other = EDITIONS[1 - EDITIONS.index(edition)]
            page = site / edition / "notebooks" / edition / chapter.notebook
            switch = f'href="../../../{other}/notebooks/{other}/{page.stem}.html" hreflang'
            assert switch in page.with_suffix(".html").read_text()


def test_no_style_is_loaded_from_elsewhere(site: Path) -> None:
    """Pages are looked at when the site is made; what they load in turn is looked at here."""
    styles = list(site.rglob("*.css"))
    assert styles
    foreign = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//")
    assert [path.name for path in styles if foreign.search(path.read_text())] == []


def test_a_broken_link_in_a_page_is_found(site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    page = copy / "ko" / "notebooks" / "index.html"
    page.write_text(
        page.read_text()
        + '<a href="ko/01_docker_basics.html"></a><a href="ko/07_moon.html"></a>'
        + '<a href="ko/01_docker_basics.html#moon"></a><script src="https://moon/x.js"></script>'
    )
    done = python(WEBSITE / "links.py", copy)
    assert done.returncode == 1
    where = "ko/notebooks/index.html:"
    assert done.stdout.splitlines() == [
        f"{where} https://moon/x.js would be loaded from elsewhere",
        f"{where} ko/01_docker_basics.html#moon leads nowhere",
        f"{where} ko/07_moon.html leads nowhere",
    ]


@pytest.mark.parametrize(
    ("links", "code"),
    [("[there](other.ipynb)", 0), ("[no](moon.ipynb) [nor](other.ipynb#moon)", 1)],
    ids=["good", "broken"],
)
def test_a_broken_link_in_a_notebook_ends_the_making(tmp_path: Path, links: str, code: int) -> None:
    for name, text in (("first", f"# First\n\n{links}"), ("other", "# Other")):
        cells = [nbformat.v4.new_markdown_cell(text)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    contents = tmp_path / "contents.yml"
    contents.write_text("root: first\nentries:\n  - file: other\n")
    options = ["-q", "-W", "-t", "en", "-c", WEBSITE, "-D", f"external_toc_path={contents}"]
    done = python("-m", "sphinx", *options, tmp_path, tmp_path / "out")
    assert done.returncode == code, done.stderr
    assert len(re.findall("WARNING.*moon", done.stderr)) == 2 * code, done.stderr
