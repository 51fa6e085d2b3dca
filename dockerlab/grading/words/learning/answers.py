"""What is said of answers to questions."""

from __future__ import annotations

ANSWERS = {
    "answer.says": (
        "The question “{question}” is answered correctly.",
        "“{question}” 질문에 바르게 답했습니다.",
    ),
    "answer.none": (
        "The question “{question}” has no answer yet.",
        "“{question}” 질문에 아직 답하지 않았습니다.",
    ),
    "answer.no_choice": (
        "The answer to “{question}” is none of its options: choose one by its name.",
        "“{question}” 질문의 답이 보기 중 하나가 아닙니다. 보기의 이름으로 골라 주세요.",
    ),
    "answer.wrong_choice": (
        "That is not the answer to “{question}”.",
        "“{question}” 질문에서 고른 답이 맞지 않습니다.",
    ),
    "answer.choice_missing": (
        "What you chose for “{question}” is right, but there is more to choose.",
        "“{question}” 질문에서 고른 것은 맞지만, 더 골라야 할 것이 있습니다.",
    ),
    "answer.no_number": (
        "The answer to “{question}” should be a number.",
        "“{question}” 질문에는 숫자로 답해야 합니다.",
    ),
    "answer.wrong_number": (
        "The answer to “{question}” is not {given}.",
        "“{question}” 질문에 적은 답 {given}, 맞지 않습니다.",
    ),
    "answer.no_order": (
        "The answer to “{question}” should name each of the steps once.",
        "“{question}” 질문에는 모든 단계를 한 번씩 적어야 합니다.",
    ),
    "answer.wrong_order": (
        "In the answer to “{question}”, step {place} is not in its place.",
        "“{question}” 질문의 답에서 {place}번째 단계가 제자리에 있지 않습니다.",
    ),
    "answer.no_text": (
        "The answer to “{question}” should be a word or a line of text.",
        "“{question}” 질문에는 낱말이나 한 줄의 글로 답해야 합니다.",
    ),
    "answer.wrong_text": (
        "The answer to “{question}” is not “{given}”.",
        "“{question}” 질문에 적은 답 “{given}”, 맞지 않습니다.",
    ),
}
