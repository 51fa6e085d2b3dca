"""The words of the picture of a pipeline's run (see views/words.py)."""

from __future__ import annotations

_STATUS = {
    "pipe.waiting": ("waiting", "대기 중"),
    "pipe.running": ("running", "실행 중"),
    "pipe.passed": ("passed", "통과"),
    "pipe.failed": ("failed", "실패"),
    "pipe.errored": ("error", "오류"),
    "pipe.skipped": ("skipped", "건너뜀"),
    "pipe.cancelled": ("cancelled", "취소됨"),
}

_SUMMARY = {
    "pipe.sum.none": (
        "Nothing has run yet. A push, or ci.run(), starts the first run.",
        "아직 실행한 적이 없습니다. push 하거나 ci.run()을 부르면 첫 실행이 시작됩니다.",
    ),
    "pipe.sum.none.ci": (
        "Nothing has run yet. A push to it starts the first run: git remote add origin {remote}",
        "아직 실행한 적이 없습니다. 여기로 push 하면 첫 실행이 시작됩니다: "
        "git remote add origin {remote}",
    ),
    "pipe.sum.error": (
        "The file {file} could not be followed, so nothing was run: {error}",
        "{file} 파일대로 할 수 없어 아무것도 실행하지 않았습니다: {error}",
    ),
    "pipe.sum.broke": ("The run broke off: {error}", "실행이 중간에 끊겼습니다: {error}"),
    "pipe.sum.waiting": ("Nothing has run yet.", "아직 아무것도 실행되지 않았습니다."),
    "pipe.sum.running": ("Now running: {step}.", "지금 실행 중: {step}."),
    "pipe.sum.passed": ("All went well.", "모두 잘 되었습니다."),
    "pipe.sum.cancelled": ("The run was cancelled.", "실행이 취소되었습니다."),
    "pipe.sum.failed.code": (
        "It failed at “{step}”, with exit code {code}.",
        "“{step}” 단계에서 실패했습니다(종료 코드 {code}).",
    ),
    "pipe.sum.failed": ("It failed at “{step}”.", "“{step}” 단계에서 실패했습니다."),
    "pipe.sum.failed.job": ("The job {job} failed.", "{job} 작업이 실패했습니다."),
    "pipe.sum.others": ("Jobs that failed in all: {n}.", "실패한 작업은 모두 {n}개입니다."),
    "pipe.sum.deployed": ("It was deployed.", "배포되었습니다."),
    "pipe.sum.undeployed": ("Nothing was deployed.", "아무것도 배포하지 않았습니다."),
    "pipe.sum.undeployed.why": (
        "Nothing was deployed: {why}",
        "아무것도 배포하지 않았습니다: {why}",
    ),
    "pipe.broken": ("It is no longer followed: {error}", "더는 지켜보지 않습니다: {error}"),
}

PIPELINES = (
    _STATUS
    | _SUMMARY
    | {
        "pipe.title": ("Run {n} of {file}", "{file} 실행 {n}"),
        "pipe.title.ci": ("The CI {name}", "{name} CI 서버"),
        "pipe.title.none": ("The runs of a pipeline", "파이프라인 실행"),
        "pipe.desc": (
            "Above, the stages from left to right in the order in which they run; below, each "
            "step with its mark and a bar of time. {summary}",
            "위에는 단계를 실행 순서대로 왼쪽부터 그렸고, 아래에는 단계마다 표시와 시간 막대가 "
            "있습니다. {summary}",
        ),
        "pipe.branch": ("branch {branch}", "{branch} 브랜치"),
        "pipe.commit": ("commit {commit}", "커밋 {commit}"),
        "pipe.folder": ("from a folder, not committed", "커밋하지 않은 폴더에서"),
        "pipe.secret": (
            "The value of {secret} stands in {file}, line {line}. Who can read the repository can "
            "use it: revoke it, take a new one, and keep that in the settings only.",
            "{secret} 값이 {file} {line}번째 줄에 적혀 있습니다. 저장소를 읽을 수 있는 사람은 "
            "누구나 쓸 수 있으니, 그 값을 폐기하고 새로 받아 설정에만 두세요.",
        ),
        "pipe.warning": ("Warning", "주의"),
        "pipe.job": ("Job {name}", "작업 {name}"),
        "pipe.needs": ("after {names}", "{names} 다음"),
        "pipe.exit": ("exit code {code}", "종료 코드 {code}"),
        "pipe.exit.short": ("exit {code}", "코드 {code}"),
        "pipe.phase": ("phase", "단계 이름"),
        "pipe.began": ("began at", "시작 시각"),
        "pipe.took": ("took", "걸린 시간"),
        "pipe.log": ("what it wrote", "출력한 내용"),
        "pipe.last": ("its last lines:", "마지막 출력:"),
        "pipe.silent": ("It wrote nothing.", "출력한 내용이 없습니다."),
        "pipe.unrun": ("It was not run.", "실행하지 않았습니다."),
        "pipe.notyet": ("It has not run.", "아직 실행하지 않았습니다."),
        "pipe.more": ("{n} more", "{n}개 더"),
        "pipe.left": ("{n} more steps are told in the text.", "단계 {n}개는 글에만 있습니다."),
        "pipe.steps": ("Steps of the run", "실행 단계"),
        "pipe.stages": ("Stages", "단계 그림"),
        "pipe.open": ("Open all logs", "모든 출력 펼치기"),
        "pipe.close": ("Close all logs", "모든 출력 접기"),
        "pipe.hint": (
            "Choose a step to see what it wrote.",
            "단계를 고르면 출력한 내용이 보입니다.",
        ),
    }
)
