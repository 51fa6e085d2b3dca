"""What a CI says of its steps, in the learner's language.

A run's record and log are English, as those of every CI. The sentences that explain (why a step
was skipped, what its exit code means, what to do) are told in the picture, and so in both.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dockerlab.formats.pipeline.run import JobRun, Run, StepRun
from dockerlab.views.words import Language

_SETTINGS = "CI의 설정(settings)"
_RULES = (
    # What an exit code, or the last lines, mean.
    (
        r"docker is not started for this job: add it to the file, services: and below it - docker",
        "이 작업에서는 docker가 시작되지 않았습니다. 파일에 services: 를 쓰고 그 아래에 "
        "- docker 를 적으세요",
    ),
    (
        r"a CI has no terminal: leave -t out, docker run -i or no flag at all will do",
        "CI에는 터미널이 없습니다. -t 를 빼세요. docker run -i 나 옵션 없이도 됩니다",
    ),
    (
        r"the engine does not answer: does it run\?",
        "엔진이 응답하지 않습니다. 실행 중인지 확인하세요",
    ),
    (
        r"that Dockerfile is not in the commit: git add it, and look at its name",
        "그 Dockerfile이 커밋에 없습니다. git add 했는지, 이름이 맞는지 확인하세요",
    ),
    (
        r"docker could not do it: it says above why",
        "docker가 명령을 수행하지 못했습니다. 이유는 위 출력에 있습니다",
    ),
    (
        r"the command was found and may not be run: chmod \+x it, or call it with sh",
        "명령을 찾았지만 실행 권한이 없습니다. chmod +x 를 하거나 sh 로 실행하세요",
    ),
    (
        r"there is no such command: is it misspelt, or not installed\?",
        "그런 명령이 없습니다. 철자가 틀렸거나 설치되지 않았습니다",
    ),
    (r"it was interrupted", "도중에 중단되었습니다"),
    (
        r"it was killed: by docker kill, or because memory ran out",
        "강제로 종료되었습니다. docker kill 때문이거나 메모리가 모자랐습니다",
    ),
    (r"it crashed \(segmentation fault\)", "프로그램이 비정상 종료했습니다 (segmentation fault)"),
    (r"it was asked to end \(SIGTERM\)", "종료 요청(SIGTERM)을 받고 끝났습니다"),
    # Limits, and the end of a run.
    (
        r"it did not end within (?P<n>[\d.]+) seconds, and was ended",
        "{n}초 안에 끝나지 않아 강제로 끝냈습니다",
    ),
    (r"the time of the whole job is over", "작업 전체에 주어진 시간이 끝났습니다"),
    (r"the run was cancelled", "실행이 취소되었습니다"),
    (
        r"the process that ran it has ended without a word: "
        r"it was killed, or the machine restarted",
        "실행하던 프로세스가 말없이 사라졌습니다. 강제로 종료되었거나 기계가 다시 시작되었습니다",
    ),
    (r"the job could not go on: (?P<why>.*)", "작업을 계속할 수 없었습니다: {why}"),
    # Why something did not run.
    (r"the script has failed", "script 단계가 실패했습니다"),
    (r"the job has errored", "작업이 오류로 끝났습니다"),
    (r"the script has not failed", "script 단계가 실패하지 않았습니다"),
    (
        r"the branch (?P<name>\S+) is not one to deploy from",
        "배포할 브랜치가 아닙니다: {name}",
    ),
    (r"(?:the|its) condition is not met", "조건이 맞지 않습니다"),
    (r"(?:the|its) condition is not met: (?P<what>.*)", "조건이 맞지 않습니다: {what}"),
    (
        r"a command before it said exit, which ends the job's shell",
        "앞 명령이 exit 를 실행해 작업의 셸이 끝났습니다",
    ),
    (r"a command before it did not end in time", "앞 명령이 제시간에 끝나지 않았습니다"),
    (r"the job's shell is gone: (?P<why>.*)", "작업의 셸이 사라졌습니다: {why}"),
    (r"(?P<phase>\w+) has failed, which ends the job", "{phase} 단계가 실패해 작업이 끝났습니다"),
    (r"a step before it has failed", "앞 단계가 실패했습니다"),
    (r"another one of its matrix has failed", "같은 매트릭스의 다른 작업이 실패했습니다"),
    (
        r"it needs (?P<names>.+), which has not succeeded",
        "먼저 성공해야 할 작업이 성공하지 못했습니다: {names}",
    ),
    (r"not all went well", "앞선 일이 모두 성공하지는 않았습니다"),
    (r"continue-on-error: goes on", "continue-on-error 라서 계속합니다"),
    (
        r"(?P<file>\S+) starts on (?P<events>.+), not on (?P<event>\S+)",
        "{file} 파일은 다음 이벤트에서 시작합니다: {events}. 이번 이벤트: {event}",
    ),
    (
        r"(?P<file>\S+) does not start for the branch (?P<branch>\S+)",
        "{file} 파일은 이 브랜치에서는 시작하지 않습니다: {branch}",
    ),
    # Deployments.
    (
        r"put it into the settings of the CI, under that name",
        f"{_SETTINGS}에 그 이름으로 넣으세요",
    ),
    (r"make the zip there", "zip을 작업 폴더 안에 만드세요"),
    (
        r"a step before has to make it: zip -r deploy\.zip \.",
        "앞 단계에서 만들어야 합니다: zip -r deploy.zip .",
    ),
    (r"bring it: pip install boto3", "설치하세요: pip install boto3"),
    (
        r"AWS knows no such access key id: is the right one in the CI's settings\?",
        f"AWS에 그런 액세스 키 id가 없습니다. {_SETTINGS}에 올바른 값이 있는지 확인하세요",
    ),
    (
        r"the secret key does not belong to that access key id: "
        r"copy it into the settings again",
        f"비밀 키가 그 액세스 키 id의 것이 아닙니다. {_SETTINGS}에 다시 복사해 넣으세요",
    ),
    (
        r"the key is good, but its user may not do this: attach the policy "
        r"(?P<policy>\S+) to the user, in IAM",
        "키는 맞지만 그 사용자에게 권한이 없습니다. IAM에서 사용자에게 정책을 붙이세요: {policy}",
    ),
    (
        r"the user may not read or write the bucket: attach the policy "
        r"(?P<policy>\S+) to the user, in IAM",
        "사용자가 그 버킷을 읽거나 쓸 수 없습니다. IAM에서 사용자에게 정책을 붙이세요: {policy}",
    ),
    (
        r"look at bucket_name: the bucket that Beanstalk made is called (?P<name>\S+)",
        "bucket_name 을 확인하세요. Beanstalk이 만든 버킷의 이름은 이런 꼴입니다: {name}",
    ),
    (
        r"the keys were for a while only, which is over: get new ones",
        "잠시만 쓸 수 있는 키였고 이제 만료되었습니다. 새 키를 받으세요",
    ),
    (
        r"the environment is busy with something else: try again when it is Ready",
        "환경이 다른 일을 하는 중입니다. Ready가 되면 다시 해 보세요",
    ),
    (
        r"look at the environment's name, letter by letter; it must have been created before",
        "환경의 이름을 한 글자씩 확인하세요. 환경은 미리 만들어져 있어야 합니다",
    ),
    (
        r"look at the application's name, letter by letter; it must have been created before",
        "애플리케이션의 이름을 한 글자씩 확인하세요. 미리 만들어져 있어야 합니다",
    ),
    (
        r"every version needs a label of its own: one with the commit's id, say",
        "버전마다 레이블이 달라야 합니다. 커밋 id를 넣으면 됩니다",
    ),
    (
        r"look at bucket_name and bucket_path: the zip is not there",
        "bucket_name 과 bucket_path 를 확인하세요. 그곳에 zip이 없습니다",
    ),
    (r"start the cloud: lab\.cloud\(\)", "클라우드를 시작하세요: lab.cloud()"),
    (r"is there a network\?", "네트워크가 연결되어 있는지 확인하세요"),
    (
        r"look at region and keys in the CI's file",
        "CI 파일의 region 과 키를 확인하세요",
    ),
    (
        r"its events above say what it waits for",
        "무엇을 기다리는지는 위의 이벤트에 있습니다",
    ),
    (
        r"the old version answers; the events above say what was wrong with the new one",
        "이전 버전이 응답하고 있습니다. 새 버전의 문제는 위의 이벤트에 있습니다",
    ),
    (r"the events above say why", "이유는 위의 이벤트에 있습니다"),
    # Names of secrets that have none of their own.
    (r"the secret key of a deployment", "배포용 비밀 키"),
    (r"an AWS access key id", "AWS 액세스 키 id"),
)
_KOREAN = tuple((re.compile(pattern, re.DOTALL), text) for pattern, text in _RULES)


def told(note: str, lang: Language) -> str:
    """A sentence of the CI's in a language; one that is not known here as it is."""
    if lang != "ko" or not note:
        return note
    first, sign, rest = note.rpartition("; ")
    if sign and rest == "continue-on-error: goes on":
        return f"{told(first, lang)}. {told(rest, lang)}"
    for pattern, text in _KOREAN:
        if found := pattern.fullmatch(note):
            return text.format(**found.groupdict())
    return note


def in_language(run: Run, lang: Language) -> Run:
    """The run with its sentences in a language."""
    if lang != "ko":
        return run
    found = tuple(replace(one, secret=told(one.secret, lang)) for one in run.findings)
    jobs = tuple(_job(job, lang) for job in run.jobs)
    return replace(run, jobs=jobs, findings=found, error=told(run.error, lang))


def _job(job: JobRun, lang: Language) -> JobRun:
    steps = tuple(_step(step, lang) for step in job.steps)
    return replace(job, steps=steps, note=told(job.note, lang))


def _step(step: StepRun, lang: Language) -> StepRun:
    return replace(step, note=told(step.note, lang))
