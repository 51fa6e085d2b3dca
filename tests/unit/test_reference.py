from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import FormatError
from dockerlab.formats import reference
from dockerlab.formats.reference import parse

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("alpine:3.10", "docker.io/library/alpine:3.10", "alpine:3.10"),
        ("library/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("index.docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"),
        ("a/b", "docker.io/a/b:latest", "a/b:latest"),
        ("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5000/x:v1", "localhost:5000/x:v1", "localhost:5000/x:v1"),
        ("gcr.io/a/b_c-d.e", "gcr.io/a/b_c-d.e:latest", "gcr.io/a/b_c-d.e:latest"),
        (f"alpine@{DIGEST}", f"docker.io/library/alpine@{DIGEST}", f"alpine@{DIGEST}"),
        (f"alpine:1@{DIGEST}", f"docker.io/library/alpine:1@{DIGEST}", f"alpine:1@{DIGEST}"),
    ],
)
def test_names_are_completed(text: str, canonical: str, familiar: str) -> None:
    assert (parse(text).canonical, parse(text).familiar) == (canonical, familiar)


@pytest.mark.parametrize("text", ["", "a:b:c", "alpine:", "x/", "/x", "a//b", "-a", "a b", "a@b"])
def test_bad_names(text: str) -> None:
    with pytest.raises(FormatError, match="invalid reference format"):
        parse(text)


@pytest.mark.parametrize("text", ["Alpine", "a/B", "Foo/bar"])
def test_upper_case_is_said(text: str) -> None:
    with pytest.raises(FormatError, match="repository name must be lowercase"):
        parse(text)


def test_an_id_is_not_a_name() -> None:
    with pytest.raises(FormatError, match="cannot specify 64-byte hexadecimal strings"):
        parse("a" * 64)


def test_too_long() -> None:
    with pytest.raises(FormatError, match="255 characters"):
        parse("a" * 300)


def test_id_prefixes() -> None:
    assert reference.id_prefix("sha256:abc") == "abc"
    assert reference.id_prefix("abc1") == "abc1"
    assert reference.id_prefix("alpine") == ""


def test_has_tag() -> None:
    assert not reference.has_tag("localhost:5000/x")
    assert reference.has_tag("x:1")
    assert reference.has_tag(f"x@{DIGEST}")


def test_other_tags() -> None:
    assert parse("a").with_tag("2").familiar == "a:2"
    assert parse("a").with_digest(DIGEST).familiar == f"a@{DIGEST}"
    with pytest.raises(FormatError, match="invalid tag format"):
        parse("a").with_tag("no spaces")


word = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
path = st.lists(
    st.builds("{}{}{}".format, word, st.sampled_from([".", "_", "__", "-", "--"]), word),
    min_size=1,
    max_size=4,
).map("/".join)
domain = st.sampled_from(["", "docker.io/", "localhost/", "gcr.io/", "127.0.0.1:5000/"])
tag = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}", fullmatch=True).filter(str.isascii)
end = st.one_of(st.just(""), tag.map(":{}".format), st.just("@" + DIGEST))


@given(domain, path, end)
def test_writing_and_reading_are_inverse(host: str, where: str, last: str) -> None:
    found = parse(host + where + last)
    assert parse(found.familiar) == found
    assert parse(found.canonical) == found


@given(st.text(max_size=40))
def test_any_text_gives_a_name_or_a_plain_error(text: str) -> None:
    try:
        found = parse(text)
    except FormatError:
        return
    assert parse(found.canonical) == found
