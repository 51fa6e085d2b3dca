"""What a graded submission is told besides its checks: how it was read, and how it ended."""

from __future__ import annotations

CLASSROOM = {
    "intake.nothing": (
        "No notebook was handed in.",
        "제출된 노트북이 없습니다.",
    ),
    "intake.link": (
        "{name} is a link to somewhere else. It was not followed.",
        "다른 곳을 가리키는 링크는 따라가지 않습니다: {name}",
    ),
    "intake.unreadable": (
        "{name} could not be read.",
        "파일을 읽을 수 없었습니다: {name}",
    ),
    "intake.too_big": (
        "{name} was left out: at most {size} MB are taken of one submission.",
        "한 제출물에서 받는 크기는 {size} MB까지입니다. 제외된 파일: {name}",
    ),
    "intake.too_many": (
        "Only the first {count} files were taken.",
        "파일은 처음 {count}개까지만 받았습니다.",
    ),
    "intake.bad_zip": (
        "{name} is a damaged or encrypted archive.",
        "압축 파일이 손상되었거나 암호가 걸려 있습니다: {name}",
    ),
    "intake.outside": (
        "{name} would be written outside its folder. It was left out.",
        "폴더 밖에 쓰려는 파일이라 제외했습니다: {name}",
    ),
    "intake.several": (
        "Several notebooks were handed in; {name} was graded.",
        "노트북이 여러 개 제출되어 그중 하나를 채점했습니다: {name}",
    ),
    "notebook.empty": (
        "The notebook is an empty file. Save it in Jupyter, then hand it in again.",
        "노트북 파일이 비어 있습니다. Jupyter에서 저장한 뒤 다시 제출하세요.",
    ),
    "notebook.none": (
        "{name} is not a notebook.",
        "노트북 파일이 아닙니다: {name}",
    ),
    "notebook.too_big": (
        "The notebook is larger than {size} MB. Clear its outputs, then hand it in again.",
        "노트북이 {size} MB보다 큽니다. 출력을 지우고 다시 제출하세요.",
    ),
    "notebook.no_cells": (
        "The notebook has no code in it.",
        "노트북에 코드가 없습니다.",
    ),
    "notebook.not_run": (
        "It was not looked at: there was nothing that could be run.",
        "실행할 수 있는 것이 없어 확인하지 않았습니다.",
    ),
    "notebook.encoding": (
        "The file is not in UTF-8; it was read as {encoding}.",
        "파일이 UTF-8이 아니어서 다른 인코딩으로 읽었습니다: {encoding}",
    ),
    "notebook.changed": (
        "A cell that belongs to the course was changed; the course's own was used: {cell}",
        "바꾸면 안 되는 셀이 바뀌어 있어 원래 셀로 채점했습니다: {cell}",
    ),
    "notebook.repeated": (
        "The graded cell of {exercise} is there more than once; the best result counts.",
        "채점 셀이 여러 번 나와 가장 좋은 결과를 반영했습니다: {exercise}",
    ),
    "notebook.missing": (
        "The graded cell of {exercise} is missing; it was checked at the end instead.",
        "채점 셀이 없어 마지막 상태로 확인했습니다: {exercise}",
    ),
    "notebook.restored": (
        "A cell that belongs to the course was missing and was put back: {cell}",
        "지워진 셀을 되살려 실행했습니다: {cell}",
    ),
    "ended.died": (
        "The notebook's process ended before the last cell. What had been reached by then counts.",
        "마지막 셀 전에 노트북 프로세스가 끝났습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.time": (
        "The notebook ran longer than it may and was stopped. What had been reached counts.",
        "실행 시간이 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.cpu": (
        "The notebook used more processor time than it may and was stopped."
        " What had been reached counts.",
        "프로세서 시간이 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.memory": (
        "The notebook used more memory than it may and was stopped. What had been reached counts.",
        "메모리 사용량이 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.disk": (
        "The notebook wrote more than it may and was stopped. What had been reached counts.",
        "저장한 데이터가 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.files": (
        "The notebook made more files than it may and was stopped. What had been reached counts.",
        "파일 수가 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.pids": (
        "The notebook started more processes than it may and was stopped."
        " What had been reached counts.",
        "프로세스 수가 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.output": (
        "The notebook printed more than it may and was stopped. What had been reached counts.",
        "출력량이 제한을 넘어 중단했습니다. 그때까지 만들어진 상태로 채점했습니다.",
    ),
    "ended.broken": (
        "This submission could not be graded yet; that is not its fault.",
        "아직 채점하지 못했습니다. 제출물의 잘못은 아닙니다.",
    ),
    "cell.cut": (
        "A cell printed more than is kept; the rest was cut off: {cell}",
        "출력이 너무 길어 뒷부분을 잘라 냈습니다: {cell}",
    ),
}
