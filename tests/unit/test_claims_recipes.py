"""Claims of Dockerfiles and of a folder's files: what is written decides, no engine is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.course.advice.rules import RULES
from dockerlab.course.advice.sayings import SAYINGS
from dockerlab.grading.bench import LARGEST_FILE, Bench
from dockerlab.grading.claims.disks import context, file
from dockerlab.grading.claims.images import recipe
from dockerlab.grading.claims.images.recipes import base
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.outcome import Saying
from dockerlab.grading.spots import builds as spots
from dockerlab.grading.words import CATALOGUE

GOOD = """\
FROM node:22 AS app
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm install
COPY . .
CMD ["node", "index.js"]
"""
SLOW = """\
FROM node
COPY . .
RUN npm install
CMD ["echo", "one"]
CMD node index.js
"""
STAGES = """\
FROM node:22 AS builder
RUN npm run build
FROM nginx:1.27 AS web
COPY --from=builder /app/build /usr/share/nginx/html
FROM web
"""


def bench(folder: Path, **files: str) -> Bench:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return Bench(None, folder, None)  # type: ignore[arg-type]


def found(folder: Path, claim: Claim, **files: str) -> str:
    finding = claim.look(bench(folder, **files))
    sayable(claim.says, finding.why)
    return "met" if finding else finding.why.key


def sayable(*sayings: Saying) -> None:
    for one in sayings:
        assert one.text("en") != one.text("ko")
        assert "{" not in one.text("en") + one.text("ko")


INSTALL = "RUN npm install|npm ci"


@pytest.mark.parametrize(
    ("claim", "text", "key"),
    [
        (recipe().is_legible(), GOOD, "met"),
        (recipe().is_legible(), "RNU true", "recipe.illegible"),
        (recipe().is_legible(), "", "recipe.illegible"),
        (recipe().is_legible(), "\0\0", "recipe.illegible"),
        (recipe().starts_from("node:22"), GOOD, "met"),
        (recipe().starts_from("node:22"), SLOW, "recipe.other_base"),
        (recipe().starts_from("node:latest"), SLOW, "met"),
        (recipe().starts_from("nginx:1.27"), STAGES, "met"),
        (recipe().has("WORKDIR /usr/src/app"), GOOD, "met"),
        (recipe().has("WORKDIR"), SLOW, "recipe.no_step"),
        (recipe().has("COPY ."), GOOD, "met"),
        (recipe().has("COPY ."), STAGES, "recipe.no_step"),
        (recipe().lacks("ADD"), GOOD, "met"),
        (recipe().lacks(INSTALL), SLOW, "recipe.has_step"),
        (recipe().goes("COPY package.json", INSTALL, "COPY ."), GOOD, "met"),
        (recipe().goes(INSTALL, "COPY ."), SLOW, "recipe.step_early"),
        (recipe().goes("COPY package.json", INSTALL), SLOW, "recipe.no_step"),
        (recipe().has_stages(3), STAGES, "met"),
        (recipe().has_stages(2), GOOD, "recipe.few_stages"),
        (recipe().follows("copy-first"), GOOD, "met"),
        (recipe().follows("copy-first"), SLOW, "recipe.objection"),
        (recipe().follows("last-counts"), SLOW, "recipe.objection"),
        (recipe().follows("latest"), SLOW, "recipe.objection"),
        (recipe().follows("latest"), "RNU", "recipe.illegible"),
    ],
)
def test_what_is_written(tmp_path: Path, claim: Claim, text: str, key: str) -> None:
    assert found(tmp_path, claim, Dockerfile=text) == key


def test_no_dockerfile_is_nothing_to_look_at(tmp_path: Path) -> None:
    for claim in (recipe().is_legible(), recipe().has("RUN"), recipe().follows("latest")):
        assert claim.look(bench(tmp_path)).state == "absent"


def test_the_install_may_be_written_otherwise(tmp_path: Path) -> None:
    text = GOOD.replace("RUN npm install", "RUN set -e; \\\n  npm ci --omit=dev")
    assert found(tmp_path, recipe().has(INSTALL), Dockerfile=text) == "met"


def test_every_rule_of_the_course_can_be_claimed(tmp_path: Path) -> None:
    assert RULES
    for rule in SAYINGS:
        sayable(recipe().follows(rule).says)


def test_an_objection_names_its_own_line(tmp_path: Path) -> None:
    finding = recipe().follows("copy-first").look(bench(tmp_path, Dockerfile=SLOW))
    assert finding.why.text("en").startswith("Line 2: ")


def test_stages_on_stages_end_at_a_base(tmp_path: Path) -> None:
    dockerfile = recipe().read(bench(tmp_path, Dockerfile="FROM a AS b\nFROM b AS c\nFROM c"))
    assert dockerfile is not None
    assert base(dockerfile) == "a"


# --- files ---


@pytest.mark.parametrize(
    ("claim", "text", "key"),
    [
        (file("notes.txt").exists(), "x", "met"),
        (file("notes.txt").exists(), None, "file.absent"),
        (file("notes.txt").holds("milk"), "buy milk", "met"),
        (file("notes.txt").holds("milk"), "buy tea", "file.without"),
        (file("notes.txt").lacks("milk"), "buy milk", "file.with"),
        (file("notes.txt").lacks("milk"), None, "file.absent"),
        (file("../notes.txt").exists(), "x", "file.absent"),
    ],
)
def test_files(tmp_path: Path, claim: Claim, text: str | None, key: str) -> None:
    assert found(tmp_path, claim, **({} if text is None else {"notes_txt": text})) == key


IGNORED = context().leaves_out("node_modules/a/b.js", "notes.txt")


@pytest.mark.parametrize(
    ("claim", "rules", "key"),
    [
        (IGNORED, "node_modules\n*.txt\n", "met"),
        (IGNORED, "node_modules\n", "context.still_sent"),
        (IGNORED, "# node_modules\nnotes.txt", "context.still_sent"),
        (IGNORED, "*\n!notes.txt", "context.still_sent"),
        (IGNORED, None, "context.no_ignore"),
        (IGNORED, "a\\", "context.bad_ignore"),
        (context().sends("index.js"), "node_modules", "met"),
        (context().sends("index.js"), None, "met"),
        (context().sends("index.js"), "*.js", "context.left_out"),
        (context().sends("index.js"), "*\n!index.js", "met"),
    ],
)
def test_what_is_sent(tmp_path: Path, claim: Claim, rules: str | None, key: str) -> None:
    if rules is not None:
        (tmp_path / ".dockerignore").write_text(rules)
    assert found(tmp_path, claim) == key


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(GOOD)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "Dockerfile").symlink_to(secret)
    assert found(folder, recipe().is_legible()) == "recipe.absent"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN true\n" * 3_000,
        "FROM " + "a" * 60_000,
        "FROM a\nRUN " + "{}{0}{line}%s" * 100,
        'FROM a\nCMD ["' + "[" * 30_000,
        "\xff\xfe" * 1000,
        "x" * (LARGEST_FILE + 10),
        "FROM a\n" + "ENV A=${A:-" * 5_000,
    ],
)
def test_hostile_dockerfiles_end_in_a_short_sentence(tmp_path: Path, text: str) -> None:
    here = bench(tmp_path, Dockerfile=text)
    claims = [recipe().is_legible(), recipe().starts_from("node:22"), recipe().has("COPY .")]
    for claim in [*claims, recipe().follows("latest"), recipe().follows("shell-form")]:
        assert len(claim.look(here).why.text("en")) < 600


# --- misconceptions ---

TWO = "FROM a:1\nCMD [\"x\"]\nCMD ['y']\n"
LATE = "FROM a:1\nCOPY . .\nWORKDIR /app\nRUN cd /srv\nRUN rm notes.txt\n"


@pytest.mark.parametrize(
    ("spot", "text", "other"),
    [
        (spots.copy_before_install(), SLOW, GOOD),
        (spots.two_cmds(), TWO, GOOD),
        (spots.single_quotes(), TWO, GOOD),
        (spots.latest(), SLOW, GOOD),
        (spots.no_workdir(), SLOW, GOOD),
        (spots.nothing_to_install(), "FROM a:1\nRUN npm install", GOOD),
        (spots.cd_is_forgotten(), LATE, "FROM a:1\nRUN cd /srv && make"),
        (spots.removed_later("notes.txt"), LATE, "FROM a:1\nRUN make && rm notes.txt"),
        (spots.out_of_order("late", "COPY .", "WORKDIR"), LATE, GOOD),
        (spots.has_step("late", "RUN rm"), LATE, GOOD),
        (spots.lacks_step("late", "COPY ."), "FROM a:1", GOOD),
    ],
)
def test_a_misconception_is_seen_where_it_is(
    tmp_path: Path, spot: Spot, text: str, other: str
) -> None:
    fields = spot.see(bench(tmp_path, Dockerfile=text))
    assert fields is not None
    if f"spot.{spot.name}" in CATALOGUE:
        sayable(Saying(f"spot.{spot.name}", fields))
    assert spot.see(bench(tmp_path, Dockerfile=other)) is None
    (tmp_path / "Dockerfile").unlink()
    assert spot.see(bench(tmp_path)) is None
