"""What the course says about a Dockerfile: each rule speaks where it should, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.course.advice.report import explain
from dockerlab.course.advice.rules import RULES
from dockerlab.course.advice.sayings import SAYINGS
from dockerlab.course.items import CHAPTERS
from dockerlab.errors import DockerlabError

GOOD = """\
FROM node:22
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm install
COPY ./ ./
CMD ["node", "index.js"]
"""

BAD = [
    ("latest", 1, 'FROM node\nCMD ["node"]\n'),
    ("latest", 1, "FROM registry.example:5000/team/app:latest\nRUN true\n"),
    ("last-counts", 2, 'FROM a:1\nCMD ["one"]\nCMD ["two"]\n'),
    ("last-counts", 2, 'FROM a:1\nENTRYPOINT ["one"]\nENTRYPOINT ["two"]\n'),
    ("shell-form", 2, "FROM a:1\nCMD node index.js\n"),
    ("quotes", 2, "FROM a:1\nCMD ['node', 'index.js']\n"),
    ("copy-first", 3, "FROM a:1\nWORKDIR /app\nCOPY . .\nRUN npm install\n"),
    ("copy-first", 3, "FROM a:1\nWORKDIR /app\nCOPY ./ ./\nRUN cd x && npm ci --quiet\n"),
    ("copy-first", 3, "FROM a:1\nWORKDIR /app\nADD . .\nRUN pip install -r requirements.txt\n"),
    ("no-package", 2, 'FROM node:22\nRUN npm install\nCMD ["node"]\n'),
    ("no-package", 2, "FROM node:22\nRUN npm  install\n"),
    ("copy-first", 3, "FROM a:1\nWORKDIR /app\nCOPY . .\nRUN npm  \tci\n"),
    ("no-workdir", 2, "FROM a:1\nCOPY ./ ./\nRUN true\n"),
    ("update-alone", 2, "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n"),
    ("secret", 2, "FROM a:1\nENV AWS_SECRET_ACCESS_KEY=abc\n"),
    ("secret", 1, "ARG API_TOKEN=abc\nFROM a:1\nRUN true\n"),
    (
        "dev-server",
        4,
        'FROM node:22 AS b\nRUN true\nFROM node:22\nCMD ["npm", "run", "dev"]\n',
    ),
]

FINE = [
    GOOD,
    "FROM scratch\nCOPY a /a\n",
    "ARG V=1\nFROM node:$V\nRUN true\n",
    "FROM node:22 AS build\nRUN true\nFROM build\nRUN true\n",
    'FROM a:1\nCMD ["one"]\nENTRYPOINT ["two"]\n',
    'FROM a:1\nSHELL ["/bin/bash", "-c"]\nCMD exec node index.js\n',
    "FROM a:1\nRUN npm install -g serve\n",
    "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
    "FROM a:1\nENV TOKENIZER=fast PASSWORD=$FROM_OUTSIDE\nARG API_KEY\n",
    "FROM a:1\nCOPY index.js /app/\n",
    "FROM node:22@sha256:" + "0" * 64 + "\nRUN true\n",
]


@pytest.mark.parametrize(("rule", "line", "text"), BAD)
def test_a_mistake_is_found_at_its_line(rule: str, line: int, text: str) -> None:
    found = {(finding.rule, finding.line) for finding in explain(text).findings}
    assert (rule, line) in found


@pytest.mark.parametrize("text", FINE)
def test_a_good_dockerfile_is_left_alone(text: str) -> None:
    assert not explain(text).findings
    assert "Nothing to object" in repr(explain(text, lang="en"))
    assert "<p>" in explain(text)._repr_html_()


def test_each_rule_has_its_sentences_and_its_test() -> None:
    assert {rule for rule, _, _ in BAD} | {"no-ignore"} == set(SAYINGS)
    assert len(RULES) <= len(SAYINGS)
    known = {item.number for chapter in CHAPTERS for item in chapter.items}
    written = {chapter.number for chapter in CHAPTERS}
    for saying in SAYINGS.values():
        assert int(saying.item.partition(".")[0]) not in written or saying.item in known
        for english, korean in (saying.title, saying.why, saying.remedy):
            assert english != korean
            assert any("가" <= letter <= "힣" for letter in korean)


def test_the_folder_tells_whether_anything_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD)
    assert [finding.rule for finding in explain(tmp_path).findings] == ["no-ignore"]
    assert [f.rule for f in explain(str(tmp_path / "Dockerfile")).findings] == ["no-ignore"]
    (tmp_path / ".dockerignore").write_text("node_modules\n")
    assert not explain(tmp_path).findings


def test_a_broken_file_is_explained_too() -> None:
    (finding,) = explain("FROM a:1\nRNU true\n", lang="en").findings
    assert finding.line == 2
    assert "unknown instruction: RNU" in finding.why
    assert "RUN" in finding.remedy


def test_nothing_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(DockerlabError, match="no Dockerfile at"):
        explain(tmp_path)
    with pytest.raises(DockerlabError, match="no Dockerfile at"):
        explain("nosuchfile")


def test_both_languages_and_hostile_text() -> None:
    text = "FROM <img/src=x>\nENV API_TOKEN=<script>alert(1)</script>\n"
    for lang in ("en", "ko"):
        advice = explain(text, lang=lang)  # type: ignore[arg-type]
        assert len(advice) == 2
        assert "<img" not in advice._repr_html_()
        assert "→" in repr(advice)
