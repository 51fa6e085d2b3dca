"""The words of the reports' pages, in English and in Korean."""

from __future__ import annotations

from typing import Any

from dockerlab.views.words import Language

_WORDS = {
    "title": ("{assignment}: feedback", "{assignment} 채점 결과"),
    "of": ("{points} of {of} points", "{of}점 중 {points}점"),
    "notebook": ("About your notebook", "제출한 노트북에 대하여"),
    "errors": ("Errors in your cells", "셀에서 난 오류"),
    "error": ("Cell {cell}", "셀 {cell}"),
    "hint": ("Hint", "힌트"),
    "unseen": ("Checks that are not shown here", "여기에 표시하지 않는 확인 항목"),
    "passed": ("Done", "완료"),
    "partly": ("Partly done", "일부 완료"),
    "not_yet": ("Not yet", "아직"),
    "not_attempted": ("Not attempted", "시도하지 않음"),
    "waiting": ("Waits for another", "앞 항목을 기다림"),
    "unchecked": ("Could not be checked", "확인하지 못함"),
    "review": (
        "Some of this could not be checked. Your teacher sees that, too.",
        "확인하지 못한 부분이 있습니다. 선생님께도 같은 내용이 전달됩니다.",
    ),
    "summary": ("{assignment}: the class", "{assignment} 학급 요약"),
    "students": ("Submissions", "제출물"),
    "mean": ("Mean", "평균"),
    "median": ("Median", "중앙값"),
    "histogram": ("How the points are spread", "점수 분포"),
    "range": ("Points", "점수"),
    "count": ("Submissions", "제출 수"),
    "failed": ("Most failed checks", "가장 많이 틀린 항목"),
    "check": ("Check", "확인 항목"),
    "times": ("Failed", "틀린 수"),
    "spotted": ("Misconceptions seen", "발견된 오개념"),
    "misconception": ("Misconception", "오개념"),
    "look": ("To be looked at", "직접 살펴볼 제출물"),
    "grades": ("Grades", "성적"),
    "student": ("Student", "학생"),
    "points": ("Points", "점수"),
    "how": ("How it ended", "끝난 방식"),
    "hidden": ("hidden", "비공개"),
    "none": ("None.", "없습니다."),
    "finished": ("ran to its end", "끝까지 실행"),
    "died": ("its process died", "프로세스 종료"),
    "time": ("time limit", "시간 제한"),
    "cpu": ("processor limit", "프로세서 제한"),
    "memory": ("memory limit", "메모리 제한"),
    "disk": ("disk limit", "디스크 제한"),
    "files": ("file limit", "파일 수 제한"),
    "pids": ("process limit", "프로세스 수 제한"),
    "output": ("output limit", "출력 제한"),
    "unread": ("nothing to run", "실행할 것 없음"),
    "broken": ("could not be graded: start again", "채점 실패: 다시 실행하세요"),
}


def word(key: str, lang: Language, **fields: Any) -> str:
    text = _WORDS[key][lang == "ko"]
    return text.format_map(fields) if fields else text


def number(value: float) -> str:
    """Points without a needless fraction.

    >>> number(2.0), number(2.5)
    ('2', '2.5')
    """
    return f"{round(value, 2):g}"
