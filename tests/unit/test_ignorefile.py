"""Which files a .dockerignore hides: what the docker command line did with the same folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import FormatError
from dockerlab.formats.ignorefile import Ignore

FILES = (
    *("a", "ab", "ac", "b.txt", "c.md", "README.md", "README-x.md", "d/a", "d/b.txt", "d/e/a"),
    *("d/e/f/b.txt", "D/a", "src/d/z.js", ".env", "d/.env", "[x]", "#c", "!d", "foo+bar", "a␣b"),
)

HIDDEN = [
    # the file's text, and what is not sent; "but" begins a list of all that is sent
    ("*", "but"),
    ("*\n!a", "but a"),
    ("a", "a"),
    ("**/a", "a d/a d/e/a D/a"),
    ("*/a", "d/a D/a"),
    ("*/*", "d/a d/b.txt d/e/a d/e/f/b.txt D/a src/d/z.js d/.env"),
    ("**/d", "d/a d/b.txt d/e/a d/e/f/b.txt src/d/z.js d/.env"),
    ("d", "d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("d/", "d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("/d", "d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("./d/e", "d/e/a d/e/f/b.txt"),
    ("../a", ""),
    ("src/../a", "a"),
    (".", ""),
    ("/", ""),
    ("", ""),
    ("# a\n #c", "#c"),
    ("#c", ""),
    ("\\#c", "#c"),
    ("\\!d", "!d"),
    ("*.md\n!README*.md\nREADME-x.md", "c.md README-x.md"),
    ("*.md\nREADME-x.md\n!README*.md", "c.md"),
    ("d\n!d/b.txt", "d/a d/e/a d/e/f/b.txt d/.env"),
    ("d\n!d/e/f/b.txt", "d/a d/b.txt d/e/a d/.env"),
    ("d\n!d", ""),
    ("d/*\n!d/e", "d/a d/b.txt d/.env"),
    ("**", "but"),
    ("**\n!**/b.txt", "but b.txt"),
    ("**/*.txt\n!d", "b.txt d/b.txt d/e/f/b.txt"),
    ("d/**", "d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("d/**/b.txt", "d/b.txt d/e/f/b.txt"),
    ("d/**/*.txt", "d/b.txt d/e/f/b.txt"),
    ("**/f/**", "d/e/f/b.txt"),
    ("**e", "d/e/a d/e/f/b.txt"),
    ("d**", "d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("***", "but"),
    ("a?", "ab ac"),
    ("a[bc]", "ab ac"),
    ("a[^b]", "ac"),
    ("[!a]b", "ab"),
    ("\\[x\\]", "[x]"),
    ("[[]x]", "[x]"),
    ("foo+bar", "foo+bar"),
    ("a b", "a␣b"),
    ("a\\ b", "a␣b"),
    (".*", ".env"),
    ("**/.env", ".env d/.env"),
    ("*\n!d/**", "but d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("*\n!d/e", "but d/e/a d/e/f/b.txt"),
    ("*\n!d*", "but d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("*\n!*.txt", "but b.txt"),
    ("*\n!d/e/*/b.txt", "but"),
    ("*\n!**", ""),
    ("d//e", "d/e/a d/e/f/b.txt"),
    ("*/", "but"),
    ("d/[e]/a", "d/e/a"),
    ("d?a", ""),
    ("a\r\nd", "a d/a d/b.txt d/e/a d/e/f/b.txt d/.env"),
    ("\ufeffa", "a"),
    ("a]", ""),
    ("(a)", ""),
    ("a|ab", ""),
    ("^a", ""),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("context")
    for name in FILES:
        file = root / name.replace("␣", " ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


@pytest.mark.parametrize(("text", "hidden"), HIDDEN)
def test_hides_what_docker_hides(folder: Path, text: str, hidden: str) -> None:
    sent = set(Ignore.read(text).walk(folder))
    here = {name for name in FILES if name.replace("␣", " ") in sent}
    names = set(hidden.split())
    assert here == (names - {"but"} if "but" in names else set(FILES) - names)


@pytest.mark.parametrize("text", ["[", "[a-", "[]a]", "[a-b-c]", "a\\"])
def test_a_malformed_pattern_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"syntax error in pattern: .* line 2"):
        Ignore.read(f"# first\n{text}")


def test_an_exclamation_mark_alone_is_refused() -> None:
    with pytest.raises(FormatError, match=r'illegal exclusion pattern: "!" .*line 1'):
        Ignore.read("!")


def test_says_which_pattern_decides() -> None:
    ignore = Ignore.read("*.log\n\n!keep.log\nnode_modules\n")
    assert ignore.why("a.txt") is None
    for path, line in (("a.log", 1), ("keep.log", 3), ("node_modules/x/y.js", 4)):
        pattern = ignore.why(path)
        assert pattern
        assert pattern.line == line
    assert ignore.matches("a.log")
    assert not ignore.matches("keep.log")


def test_no_file_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/x").touch()
    (tmp_path / "link").symlink_to("sub")
    assert list(Ignore.of(tmp_path).walk(tmp_path)) == ["link", "sub", "sub/x"]
    (tmp_path / ".dockerignore").write_bytes(b"sub\xff\nsub\n")
    assert list(Ignore.of(tmp_path).walk(tmp_path)) == [".dockerignore", "link"]


@given(st.one_of(st.binary(), st.text("ab*?[]!\\/.^-#\n ")))
def test_any_text_is_read_or_refused(text: bytes | str) -> None:
    try:
        ignore = Ignore.read(text)
    except FormatError as error:
        assert "line" in str(error)
    else:
        ignore.matches("a/b/c")
