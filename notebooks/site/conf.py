"""How Sphinx makes the edition for reading. ``make site`` runs it, by way of build.py.

The source is the repository as it is, so that links between notebooks hold here as they do in
JupyterLab and on GitHub. Nothing is run: what is shown are the outputs stored in the notebooks.
One project is one language (the tag ``ko`` makes the Korean one), with its own menu and search.
"""

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx_external_toc.parsing import parse_toc_yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from cells import CellLexer, Plain  # noqa: E402

from dockerlab.views.drawing import COLOURS, MONO, SANS  # noqa: E402

language = "ko" if "ko" in tags else "en"  # noqa: F821 - Sphinx gives the tags
OTHER = {"en": "ko", "ko": "en"}[language]

project = "dockerlab"
locale_dirs = ["notebooks/site/locale"]
html_title = {"en": "Learn Docker", "ko": "도커 배우기"}[language]
extensions = ["sphinx_external_toc", "myst_nb"]
external_toc_path = str(HERE / f"contents.{language}.yml")
external_toc_exclude_missing = True
exclude_patterns = ["build", "dockerlab", "tests", ".*", "**/.*"]

nb_execution_mode = "off"
nb_merge_streams = True
nb_custom_formats = {".ipynb": "cells.read"}
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # would come from elsewhere
myst_heading_anchors = 3
linkcheck_ignore = [r"http://127\.0\.0\.1", r"\.\./"]  # here; links.py looks at the others
linkcheck_timeout = 20

highlight_language = "none"
pygments_dark_style = "a11y-dark"
html_theme = "furo"
html_static_path = ["static", str(HERE.parents[1] / "build" / "mermaid")]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = [("scrolling.js", {"loading_method": "defer"})]
html_theme_options = {
    "announcement": {
        "en": "An edition to read, with what the cells really said. To run them: "
        "<code>make lab</code>",
        "ko": "읽기용 판입니다. 출력은 셀을 실제로 실행해 얻은 것입니다. 직접 실행하려면: "
        "<code>make lab</code>",
    }[language],
    "top_of_page_buttons": ["view"],
    # What our pictures and views are drawn with: so they follow the page's switch of colours.
    "light_css_variables": {
        **{f"dl-{role}": light for role, (light, _) in COLOURS.items()},
        **{"dl-sans": SANS, "dl-mono": MONO},
    },
    "dark_css_variables": {f"dl-{role}": dark for role, (_, dark) in COLOURS.items()},
}
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_use_index = html_domain_indices = False


def pages(language: str) -> list[str]:
    """All pages of one language, in the order of its table of contents."""
    return list(parse_toc_yaml(HERE / f"contents.{language}.yml"))


HERE_TOO, ELSEWHERE = pages(language), pages(OTHER)
# Both tables of contents begin with the same pages; the English one has more of them.
COUNTERPARTS = dict(zip(HERE_TOO, ELSEWHERE, strict=False)) | {"search": "search"}


def address(page: str, seen_from: str) -> str:
    """Where a page of this or of the other language is, seen from one of this language."""
    up = "../" * seen_from.count("/")
    return f"{up}{page}.html" if page in HERE_TOO else f"{up}../{OTHER}/{page}.html"


def lead_to_the_other_language(app: Sphinx, tree: nodes.document) -> None:
    """Links in texts to pages that only the other language's project has."""
    for link in list(tree.findall(pending_xref)):
        page = link["reftarget"]
        if link["refdomain"] == "doc" and page not in HERE_TOO and page in ELSEWHERE:
            anchor = f"#{link['reftargetid']}" if link["reftargetid"] else ""
            uri = address(page, app.env.docname) + anchor
            link.replace_self(nodes.reference("", "", *link.children, refuri=uri, internal=True))


def lead_out_of_outputs(app: Sphinx, tree: nodes.document) -> None:
    """Links in outputs to notebooks, which are pages here."""
    here = app.env.docname

    def led(link: re.Match[str]) -> str:
        page = posixpath.normpath(posixpath.join(posixpath.dirname(here), link[1]))
        return f'href="{address(page, here)}"'

    for raw in tree.findall(nodes.raw):
        html = re.sub(r'href="([^":]+)\.ipynb"', led, raw.astext())
        raw.children[:] = [nodes.Text(html)]


def dress(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """The switch of language, and a program for diagrams where there are any."""
    context["other_language"] = OTHER
    up = "../" * (page.count("/") + 1)
    context["other_address"] = f"{up}{OTHER}/{COUNTERPARTS.get(page, ELSEWHERE[0])}.html"
    headings = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = headings.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )
    if "highlight-mermaid" in context.get("body", ""):
        app.add_js_file("mermaid.tiny.js", loading_method="defer")
        app.add_js_file("diagrams.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_lexer("ipython3", CellLexer)
    app.add_lexer("mermaid", Plain)
    app.connect("doctree-read", lead_to_the_other_language)
    app.connect("doctree-read", lead_out_of_outputs)
    app.connect("html-page-context", dress, priority=900)  # after Furo
