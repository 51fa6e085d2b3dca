"""The words of the build timeline, the comparison and the cache forecast (see views/words.py)."""

from __future__ import annotations

_REASONS = {
    "why.first": ("nothing like it was built before", "이런 단계를 빌드한 적이 아직 없음"),
    "why.instruction": ("instruction changed: ", "명령이 바뀜: "),
    "why.instruction.new": ("this instruction is new here", "전에는 이 자리에 없던 명령임"),
    "why.changed": (" changed", " 바뀜"),
    "why.added": (" added", " 추가됨"),
    "why.removed": (" removed", " 삭제됨"),
    "why.files": ("files that it copies are others now", "복사할 파일이 전과 다름"),
    "why.more": ("{n} more", "그 밖에 {n}개"),
    "why.argument": ("build argument {name} changed: ", "빌드 인자 {name}의 값이 바뀜: "),
    "why.argument.set": ("build argument {name} is set now: ", "새로 준 빌드 인자 {name}: "),
    "why.argument.unset": (
        "build argument {name} is no longer set, it was ",
        "주지 않은 빌드 인자 {name}, 전에는 ",
    ),
    "why.parent": ("step {step} above is run anew", "위의 {step}단계를 새로 실행함"),
    "why.parent.some": ("a step above is run anew", "위의 한 단계를 새로 실행함"),
    "why.base": ("the base image is another one", "바탕 이미지가 전과 다름"),
    "why.stage": ("what it copies from is another one now: ", "복사해 오는 원본이 전과 다름: "),
    "why.no-cache": (
        "no cache was asked for (--no-cache)",
        "캐시를 쓰지 말라고 함 (--no-cache)",
    ),
    "why.gone": (
        "it was built before, but its image has been removed",
        "전에 빌드했지만 그 이미지가 삭제됨",
    ),
    "why.empty": ("(empty)", "(빈 값)"),
}

_BUILD = {
    "build.title": ("Build of {name}", "{name} 빌드"),
    "build.title.bare": ("Build", "빌드"),
    "build.desc": (
        "A list of the build's steps from top to bottom, each with a mark for the cache, the "
        "reason of a miss and a bar of time. {summary}",
        "빌드 단계를 위에서 아래로 늘어놓았습니다. 단계마다 캐시 표시, 캐시를 쓰지 못한 이유, "
        "시간 막대가 있습니다. {summary}",
    ),
    "build.cached": ("cached", "캐시 사용"),
    "build.ran": ("ran", "실행함"),
    "build.failed": ("failed", "실패"),
    "build.running": ("running", "실행 중"),
    "build.pending": ("waiting", "대기 중"),
    "build.first": ("the cache ends here", "캐시가 여기서 끊김"),
    "build.again": ("the cache ends here too", "캐시가 여기서도 끊김"),
    "build.why": ("Why", "이유"),
    "build.hits": ("{hits} of {all} from the cache", "{all}단계 중 {hits}단계 캐시 사용"),
    "build.seconds": ("{n} s", "{n}초"),
    "build.minutes": ("{m} min {s} s", "{m}분 {s}초"),
    "build.stage": ("stage {name}", "스테이지 {name}"),
    "build.line": ("line {n}", "{n}번째 줄"),
    "build.unwritten": ("not written in the Dockerfile", "Dockerfile에 적힌 줄이 아님"),
    "build.container": ("temporary container", "임시 컨테이너"),
    "build.layer": ("layer", "레이어"),
    "build.image": ("image after it", "이 단계 뒤의 이미지"),
    "build.added": ("added", "더한 크기"),
    "build.settings": ("settings only, no layer", "설정만 바꾸고 레이어는 없음"),
    "build.code": ("exit code", "종료 코드"),
    "build.exit": ("exit code {code}", "종료 코드 {code}"),
    "build.log": ("what it printed", "출력한 내용"),
    "build.silent": ("It printed nothing.", "출력한 내용이 없습니다."),
    "build.unrun": (
        "It was not run: the result of an earlier build was taken.",
        "실행하지 않고 전에 빌드한 결과를 그대로 썼습니다.",
    ),
    "build.notyet": ("It has not run.", "아직 실행하지 않았습니다."),
    "build.open": ("Open all steps", "모든 단계 펼치기"),
    "build.close": ("Close all steps", "모든 단계 접기"),
    "build.steps": ("Steps of the build", "빌드 단계"),
    "build.hint": (
        "Choose a step to see its log and its line in the Dockerfile.",
        "단계를 고르면 출력과 Dockerfile의 해당 줄이 보입니다.",
    ),
}

_SUMMARY = {
    "sum.nothing": ("The build has no step yet.", "아직 빌드 단계가 없습니다."),
    "sum.waiting": ("Nothing has run yet.", "아직 아무 단계도 실행되지 않았습니다."),
    "sum.running": ("Step {n} of {all} is running.", "{all}단계 중 {n}단계를 실행하고 있습니다."),
    "sum.failed": ("Step {n} failed.", "{n}단계에서 실패했습니다."),
    "sum.failed.line": (
        "Step {n} failed (line {line} of the Dockerfile).",
        "{n}단계에서 실패했습니다(Dockerfile {line}번째 줄).",
    ),
    "sum.error": ("The build failed: {error}", "빌드에 실패했습니다: {error}"),
    "sum.all": (
        "All steps came from the cache: nothing was run.",
        "모든 단계를 캐시에서 가져와 아무것도 실행하지 않았습니다.",
    ),
    "sum.first": (
        "Built for the first time: there was no cache for it yet.",
        "처음 하는 빌드라 쓸 수 있는 캐시가 아직 없었습니다.",
    ),
    "sum.no-cache": (
        "No cache was asked for, so every step was run.",
        "캐시를 쓰지 말라고 하여 모든 단계를 실행했습니다.",
    ),
    "sum.upto": ("Up to step {n} all came from the cache.", "{n}단계까지는 캐시에서 가져왔습니다."),
    "sum.break": ("At step {n} the cache ends: {why}.", "{n}단계에서 캐시가 끊깁니다: {why}."),
    "sum.after": (
        "The {n} steps after it ran only because of that.",
        "그 뒤의 {n}단계는 그 때문에 실행되었습니다.",
    ),
    "sum.after.one": (
        "The step after it ran only because of that.",
        "그 뒤의 한 단계는 그 때문에 실행되었습니다.",
    ),
}

_COMPARE = {
    "cmp.title": ("{before} and {after}, side by side", "{before}, {after} 비교"),
    "cmp.before": ("Build 1", "빌드 1"),
    "cmp.after": ("Build 2", "빌드 2"),
    "cmp.desc": (
        "Two builds side by side, the same steps in the same row. {summary}",
        "두 빌드를 나란히 놓고 같은 단계를 한 줄에 맞추었습니다. {summary}",
    ),
    "cmp.none": ("no such step", "해당 단계 없음"),
    "cmp.moved": ("moved, step {n} on the other side", "자리가 바뀜, 다른 쪽에서는 {n}단계"),
    "cmp.saved": ("{seconds} saved", "{seconds} 절약"),
    "cmp.lost": ("{seconds} longer", "{seconds} 더 걸림"),
    "cmp.faster": (
        "{after} took {second} instead of {first}: {saved} saved, {hits} against {other} "
        "steps from the cache.",
        "{after}: {first} 대신 {second} 걸려 {saved} 절약했습니다. 캐시에서 가져온 단계는 "
        "{other}개에서 {hits}개가 되었습니다.",
    ),
    "cmp.slower": (
        "{after} took {second}, {saved} more than {before}: {hits} against {other} steps "
        "from the cache.",
        "{after}: {second} 걸려 {before}보다 {saved} 더 걸렸습니다. 캐시에서 가져온 단계는 "
        "{other}개에서 {hits}개가 되었습니다.",
    ),
    "cmp.same": (
        "Both took {second}; from the cache came {other} and {hits} steps.",
        "둘 다 {second} 걸렸고, 캐시에서 가져온 단계는 {other}개와 {hits}개입니다.",
    ),
    "cmp.most": (
        "Most of it is {step}: {seconds}, and only one of the two had it in the cache.",
        "가장 큰 차이는 {seconds} 걸린 {step} 단계로, 둘 중 한쪽만 캐시에서 가져왔습니다.",
    ),
    "cmp.parts": ("Steps of both builds", "두 빌드의 단계"),
}

_FORECAST = {
    "fc.title": ("Cache forecast", "캐시 예보"),
    "fc.desc": (
        "The steps that the next build would have, each with a guess: from the cache or not. "
        "{summary}",
        "다음 빌드의 단계마다 캐시를 쓸지 미리 짐작한 것입니다. {summary}",
    ),
    "fc.hit": ("will hit", "캐시 예상"),
    "fc.miss": ("will run", "실행 예상"),
    "fc.unknown": ("not known", "알 수 없음"),
    "fc.right": ("as forecast", "예보대로"),
    "fc.wrong": ("not as forecast", "예보와 다름"),
    "fc.sum.all": (
        "Nothing would run: every step would come from the cache.",
        "모든 단계를 캐시에서 가져와 실행할 것이 없겠습니다.",
    ),
    "fc.sum.miss": (
        "{hits} of {all} steps would come from the cache.",
        "{all}단계 중 {hits}단계를 캐시에서 가져오겠습니다.",
    ),
    "fc.sum.break": (
        "From step {n} on it would run anew: {why}.",
        "{n}단계부터 새로 실행하겠습니다: {why}.",
    ),
    "fc.sum.right": (
        "Built: all {all} steps went as forecast.",
        "빌드했습니다. {all}단계 모두 예보대로입니다.",
    ),
    "fc.sum.wrong": (
        "Built: {right} of {all} steps went as forecast.",
        "빌드했습니다. {all}단계 중 {right}단계가 예보대로입니다.",
    ),
    "fc.sum.failed": ("The build failed: {error}", "빌드에 실패했습니다: {error}"),
    "fc.dockerfile": ("Dockerfile", "Dockerfile"),
    "fc.edit": (
        "Edit it; the forecast follows. The file on disk stays as it is.",
        "고치면 예보가 따라 바뀝니다. 디스크의 파일은 그대로입니다.",
    ),
    "fc.files": ("Files of the context", "컨텍스트의 파일"),
    "fc.touch": (
        "Mark those that you would edit before the build.",
        "빌드하기 전에 고칠 파일을 고르세요.",
    ),
    "fc.nofiles": ("The context holds no file.", "컨텍스트에 파일이 없습니다."),
    "fc.morefiles": ("and {n} more files", "그 밖에 파일 {n}개"),
    "fc.build": ("Build it", "빌드하기"),
    "fc.reset": ("As it was", "처음대로"),
    "fc.building": ("Building …", "빌드하고 있습니다 …"),
    "fc.thinking": ("Forecasting …", "예보하고 있습니다 …"),
    "fc.offline": (
        "The kernel is gone: run the cell again to edit and to build.",
        "커널이 없습니다. 셀을 다시 실행하면 고치고 빌드할 수 있습니다.",
    ),
}

BUILDS: dict[str, tuple[str, str]] = _REASONS | _BUILD | _SUMMARY | _COMPARE | _FORECAST
