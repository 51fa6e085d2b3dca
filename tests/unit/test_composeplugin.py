"""Where the real docker compose is looked for."""

from __future__ import annotations

import composeplugin

STANZAS = """\
# comment
Types: deb
# another
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main
"""


def test_only_the_release_itself_is_followed_to_the_next() -> None:
    assert list(composeplugin.next_release("bookworm", [STANZAS])) == [
        "Types: deb\nURIs: http://archive.example/debian\nSuites: trixie\n"
        "Components: main\nSigned-By: /usr/share/keyrings/debian.gpg\n"
    ]


def test_one_line_sources_become_stanzas() -> None:
    text = (
        "deb http://archive.example/debian bookworm main contrib\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian bookworm main\n"
        "deb http://vendor.example/apt vendor-bookworm main\n"
        "# deb http://archive.example/debian bookworm main\n"
    )
    assert list(composeplugin.next_release("bookworm", [text])) == [
        "Types: deb\nURIs: http://archive.example/debian\nSuites: trixie\n"
        "Components: main contrib\n",
        "Types: deb\nURIs: http://archive.example/debian\nSuites: trixie\n"
        "Components: main\nArchitectures: amd64\nSigned-By: /k.gpg\n",
    ]


def test_another_distribution_has_no_such_release() -> None:
    assert list(composeplugin.next_release("noble", [STANZAS])) == []
