"""What is said of any check, whatever it looks at."""

from __future__ import annotations

JUDGING = {
    "judging.waits": (
        "This comes first: {other}",
        "먼저 할 일: {other}",
    ),
    "judging.slow": (
        "There was no answer within {seconds} seconds.",
        "{seconds}초 안에 답이 없었습니다.",
    ),
    "judging.broken": (
        "This could not be checked: {error}",
        "확인할 수 없었습니다. {error}",
    ),
    "judging.ok": ("Done.", "되었습니다."),
}
