"""What a learner reads around the checks: outcomes, hints, questions, progress."""

from __future__ import annotations

LEARNING = {
    "state.passed": ("done", "완료"),
    "state.partly": ("partly done", "일부 완료"),
    "state.not_yet": ("not yet", "아직이에요"),
    "state.not_attempted": ("not started", "시작 전"),
    "state.waiting": ("comes later", "나중에 확인"),
    "state.unchecked": ("could not be checked", "확인하지 못함"),
    "outcome.points": ("{points} of {of} points", "{of}점 중 {points}점"),
    "outcome.worth": ("{points} of {of}", "{of}점 중 {points}점"),
    "outcome.hint": ("Hint", "힌트"),
    "outcome.checks": ("What was checked", "확인한 항목"),
    "outcome.unchecked": (
        "This says nothing about your work: the check itself failed. Run it again.",
        "풀이가 틀렸다는 뜻이 아닙니다. 확인하는 일 자체가 실패했으니 다시 실행해 보세요.",
    ),
    "outcome.stuck": (
        "Stuck? `{call}` gives you a hint.",
        "막혔다면 `{call}` 코드를 실행해 힌트를 보세요.",
    ),
    "outcome.bravo": ("Everything is done.", "모두 해냈습니다."),
    "hint.title": ("Hint {number} of {all}", "힌트 {all}개 중 {number}번째"),
    "hint.none": (
        "This exercise has no hints to ask for. Its check says what is missing.",
        "이 연습 문제에는 따로 준비된 힌트가 없습니다. 확인 결과가 무엇이 부족한지 알려 줍니다.",
    ),
    "hint.last": (
        "That was the last one. `{call}` shows an answer.",
        "마지막 힌트입니다. `{call}` 코드를 실행하면 풀이가 나옵니다.",
    ),
    "solution.title": ("One answer", "풀이 하나"),
    "solution.other": (
        "Other ways are just as good: what counts is the state you reach.",
        "다른 방법도 좋습니다. 마지막에 어떤 상태가 되었는지만 봅니다.",
    ),
    "start.folder": ("You work in the folder {folder}.", "{folder} 폴더에서 작업합니다."),
    "start.files": (
        "You work in the folder {folder}: {files}",
        "{folder} 폴더에서 작업합니다: {files}",
    ),
    "answer.kept": ("{question} = {value}", "{question} = {value}"),
    "bank.none": (
        "This cannot be checked here: the checks are not on this machine. Your work is not lost; "
        "it is checked when you hand the notebook in.",
        "여기에는 채점 내용이 없어 확인할 수 없습니다. 작업한 것은 그대로 남으며, "
        "노트북을 제출하면 채점됩니다.",
    ),
    "bank.nothint": (
        "Hints and answers are not on this machine.",
        "이 컴퓨터에는 힌트와 풀이가 없습니다.",
    ),
    "bank.noquiz": (
        "The questions of this exercise are not on this machine: neither in its folder nor in a "
        "bank of exercises.",
        "이 연습 문제의 질문이 이 컴퓨터에 없습니다. 문제 폴더에도, 문제 은행에도 없습니다.",
    ),
    "quiz.title": ("Questions: {title}", "질문: {title}"),
    "quiz.none": ("This exercise asks no questions.", "이 연습 문제에는 질문이 없습니다."),
    "quiz.kind.choice": ("Choose one.", "하나를 고르세요."),
    "quiz.kind.choices": ("Choose all that are right.", "맞는 것을 모두 고르세요."),
    "quiz.kind.number": ("Answer with a number.", "숫자로 답하세요."),
    "quiz.kind.order": ("Put them in order.", "순서대로 놓으세요."),
    "quiz.kind.text": ("Answer with a word or a line.", "낱말이나 한 줄로 답하세요."),
    "quiz.keep": ("Keep this answer", "이 답으로 정하기"),
    "quiz.keep.order": ("This is the order", "이 순서로 정하기"),
    "quiz.kept": ("Kept: {value}", "적어 두었습니다: {value}"),
    "quiz.unkept": ("Not answered yet.", "아직 답하지 않았습니다."),
    "quiz.nonumber": ("That is not a number.", "숫자가 아닙니다."),
    "quiz.up": ("Move up: {option}", "위로 옮기기: {option}"),
    "quiz.down": ("Move down: {option}", "아래로 옮기기: {option}"),
    "quiz.moved": ("{option}: place {place} of {all}", "{option}: {all}개 중 {place}번째"),
    "quiz.code": (
        "What you hand in is the notebook. Run this cell once more, and it holds your answers. If "
        "it does not change, write them there yourself:",
        "제출하는 것은 노트북입니다. 이 셀을 한 번 더 실행하면 답이 셀에 적힙니다. 셀이 바뀌지 "
        "않으면 이렇게 직접 적어 주세요:",
    ),
    "quiz.answered": ("your answer: {value}", "내 답: {value}"),
    "progress.title": ("Your progress", "나의 진도"),
    "progress.summary": (
        "{done} of {all} exercises done, {points} of {of} points",
        "연습 문제 {all}개 중 {done}개 완료, {of}점 중 {points}점",
    ),
    "progress.none": (
        "Nothing has been checked yet. Begin with an exercise and run its check.",
        "아직 확인한 연습 문제가 없습니다. 하나를 골라 풀고 확인해 보세요.",
    ),
    "progress.chapter": ("Chapter {number}", "{number}장"),
    "progress.other": ("Other exercises", "그 밖의 연습 문제"),
    "progress.exercise": ("Exercise", "연습 문제"),
    "progress.level": ("Level", "난이도"),
    "progress.state": ("State", "상태"),
    "progress.points": ("Points", "점수"),
    "progress.checks": ("Checks", "확인 횟수"),
    "progress.hints": ("Hints", "힌트"),
    "progress.answer": ("answer seen", "풀이 봄"),
    "progress.level.0": ("", ""),
    "progress.level.1": ("easy", "쉬움"),
    "progress.level.2": ("medium", "보통"),
    "progress.level.3": ("hard", "어려움"),
    "progress.file": ("Kept in {file}", "저장 위치: {file}"),
}
