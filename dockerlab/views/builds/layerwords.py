"""The words of the layer explorer (see views/words.py)."""

from __future__ import annotations

import re

from dockerlab.formats.text import age, duration

WORDS = {
    "lay.title": ("The layers of {name}", "{name} 이미지의 레이어"),
    "lay.desc": (
        "A stack of layers, the base at the bottom, each with its command and a bar for its "
        "size; beside it the files of layer {number}, the files that waste space and the "
        "biggest files. {all}",
        "맨 아래가 베이스인 레이어 더미입니다. 레이어마다 명령과 크기 막대가 있고, 옆에 "
        "{number}번 레이어의 파일, 낭비하는 파일, 가장 큰 파일이 있습니다. {all}",
    ),
    "lay.stack": ("Layers, newest on top", "레이어, 위쪽이 최근 것"),
    "lay.total": ("{n} layers, {size}", "레이어 {n}개, {size}"),
    "lay.one": ("1 layer, {size}", "레이어 1개, {size}"),
    "lay.empty": ("settings only", "설정만 바꿈"),
    "lay.unread": ("its files cannot be read here", "이 레이어의 파일은 여기서 읽을 수 없음"),
    "lay.unnamed": ("(no command noted)", "(기록된 명령 없음)"),
    "lay.older": ("{n} more, below", "아래로 {n}개 더"),
    "lay.efficiency": ("efficiency {percent} %", "효율 {percent} %"),
    "lay.efficiency.tip": (
        "Efficiency {percent} %, as the tool dive measures it: the bytes that one copy of each "
        "file needs, compared with the bytes of all copies in all layers.",
        "효율 {percent} %는 dive 도구의 계산 방식입니다. 파일마다 사본 하나에 드는 바이트를 모든 "
        "레이어에 든 사본 전체와 견줍니다.",
    ),
    "lay.wasted": ("{size} wasted", "낭비 {size}"),
    "lay.wasted.none": ("nothing wasted", "낭비 없음"),
    "lay.wasted.tip": (
        "{size} wasted, as dive counts: all copies of files that several layers wrote or that a "
        "later layer removed. Of these, {hidden} are in the image though no container sees them.",
        "dive 방식으로 센 낭비는 {size}입니다. 여러 레이어가 쓴 파일과 나중 레이어가 지운 파일의 "
        "사본을 모두 더한 값입니다. 그중 {hidden}는 이미지에 들어 있지만 어떤 컨테이너에도 "
        "보이지 않습니다.",
    ),
    "lay.wasted.no": (
        "No file was written twice or removed later: nothing is wasted.",
        "두 번 쓰거나 나중에 지운 파일이 없어서 낭비가 없습니다.",
    ),
    "lay.waste": ("Files that waste", "낭비하는 파일"),
    "lay.waste.none": ("none: each file is there once", "없음: 모든 파일이 한 번씩만 있음"),
    "lay.waste.written": ("in layer {layers}", "{layers}번 레이어에 있음"),
    "lay.waste.several": ("in layers {layers}", "{layers}번 레이어에 있음"),
    "lay.waste.removed": ("removed in {layers}", "{layers}번에서 지움"),
    "lay.waste.hidden": ("{size} unseen", "{size} 안 보임"),
    "lay.big": ("Biggest files", "가장 큰 파일"),
    "lay.big.layer": ("layer {number}", "{number}번 레이어"),
    "lay.files.changed": ("What layer {number} changed", "{number}번 레이어가 바꾼 것"),
    "lay.files.whole": ("All files up to layer {number}", "{number}번 레이어까지의 모든 파일"),
    "lay.files.none": (
        "This step changed settings only: no file is different.",
        "이 단계는 설정만 바꾸어서 달라진 파일이 없습니다.",
    ),
    "lay.files.unmatched": ("No path contains that.", "그 글자가 든 경로가 없습니다."),
    "lay.files.more": (
        "{n} more rows are not shown: use the filter.",
        "{n}줄을 더 보이지 않았습니다. 찾기를 써 보세요.",
    ),
    "lay.files.rest": ("{n} more", "{n}개 더"),
    "lay.view.changed": ("Changes of this layer", "이 레이어의 변화"),
    "lay.view.whole": ("All files up to here", "여기까지의 모든 파일"),
    "lay.filter": ("Find in paths", "경로에서 찾기"),
    "lay.tree": ("Files of layer {number}", "{number}번 레이어의 파일"),
    "lay.keys": (
        "Choose a layer with ↑ and ↓; in the tree, → opens a folder and ← closes it.",
        "↑ ↓ 로 레이어를 고르고, 파일 나무에서는 → 로 폴더를 열고 ← 로 닫습니다.",
    ),
    "lay.added": ("added", "추가"),
    "lay.changed": ("changed", "변경"),
    "lay.removed": ("removed", "삭제"),
    "lay.added.n": ("{n} added", "추가 {n}개"),
    "lay.changed.n": ("{n} changed", "변경 {n}개"),
    "lay.removed.n": ("{n} removed", "삭제 {n}개"),
    "lay.folder": ("folder, {n} files", "폴더, 파일 {n}개"),
    "lay.folder.one": ("folder, 1 file", "폴더, 파일 1개"),
    "lay.folder.empty": ("empty folder", "빈 폴더"),
}

MARK_WORDS = {"+": "lay.added", "~": "lay.changed", "−": "lay.removed"}

_UNITS = {
    "minute": "분",
    "hour": "시간",
    "day": "일",
    "week": "주",
    "month": "개월",
    "year": "년",
}


def ago(created: float, now: float, korean: bool) -> str:
    """How long ago, in docker's rounding; empty when it is not known."""
    if created <= 0:
        return ""
    if not korean:
        return age(created, now)
    match = re.search(r"(\d+|an?) (\w+?)s?$", duration(max(now - created, 0.0)))
    if match is None or match.group(2) == "second":
        return "방금 전"
    number = match.group(1) if match.group(1).isdigit() else "약 1"
    return f"{number}{_UNITS[match.group(2)]} 전"
