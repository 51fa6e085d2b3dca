"""What is said of containers, their limits, what runs in them and what they wrote."""

from __future__ import annotations

_STATES = {
    "container.state.created": (
        "It was created, but never started.",
        "만들기만 하고 시작하지 않았습니다.",
    ),
    "container.state.failed": (
        "It could not be started: {error}",
        "시작하지 못했습니다. {error}",
    ),
    "container.state.running": ("It is running.", "실행 중입니다."),
    "container.state.paused": ("It is paused.", "일시 정지되어 있습니다."),
    "container.state.restarting": (
        "It ends again and again, and the engine restarts it each time.",
        "끝날 때마다 엔진이 다시 시작하고 있습니다.",
    ),
    "container.state.exited": (
        "It has ended with exit code {code}.",
        "종료 코드 {code}번으로 끝났습니다.",
    ),
    "container.state.other": ("Its state is “{status}”.", "상태는 “{status}”입니다."),
}

_LIFE = {
    "container.named": ("the container `{container}`", "`{container}` 컨테이너"),
    "container.absent": (
        "There is no container named `{name}`.",
        "`{name}` 이름의 컨테이너가 없습니다.",
    ),
    "container.exists": (
        "There is a container named `{container}`.",
        "`{container}` 이름의 컨테이너가 있습니다.",
    ),
    "container.gone": (
        "The container `{container}` has been removed.",
        "`{container}` 컨테이너를 지웠습니다.",
    ),
    "container.still_there": (
        "The container `{container}` is still there. {state}",
        "`{container}` 컨테이너가 아직 있습니다. {state}",
    ),
    "container.running": (
        "The container `{container}` is running.",
        "`{container}` 컨테이너가 실행 중입니다.",
    ),
    "container.not_running": (
        "The container `{container}` is there, but it is not running. {state}",
        "`{container}` 컨테이너가 있지만 실행 중이 아닙니다. {state}",
    ),
    "container.paused": (
        "The container `{container}` is paused.",
        "`{container}` 컨테이너가 일시 정지되어 있습니다.",
    ),
    "container.not_paused": (
        "The container `{container}` is not paused. {state}",
        "`{container}` 컨테이너가 일시 정지되어 있지 않습니다. {state}",
    ),
    "container.created": (
        "The container `{container}` has been created, and not started.",
        "`{container}` 컨테이너를 만들었고, 시작하지는 않았습니다.",
    ),
    "container.not_created": (
        "The container `{container}` should only be created. {state}",
        "`{container}` 컨테이너는 만들기만 해야 합니다. {state}",
    ),
    "container.ended": (
        "The container `{container}` has run and ended.",
        "`{container}` 컨테이너가 실행을 마치고 끝났습니다.",
    ),
    "container.ended_with": (
        "The container `{container}` has ended with exit code {codes}.",
        "`{container}` 컨테이너가 종료 코드 {codes}번으로 끝났습니다.",
    ),
    "container.not_ended": (
        "The container `{container}` has not run and ended. {state}",
        "`{container}` 컨테이너가 실행되어 끝난 것이 아닙니다. {state}",
    ),
    "container.other_code": (
        "The container `{container}` has ended, but with exit code {code} instead of {codes}.",
        "`{container}` 컨테이너가 끝났지만 종료 코드가 {codes}번이 아니라 {code}번입니다.",
    ),
    "container.failed": (
        "A start of `{container}` was tried, and its command could not be run.",
        "`{container}` 컨테이너를 시작하려 했지만 명령을 실행할 수 없었습니다.",
    ),
    "container.not_failed": (
        "The start of `{container}` should fail. {state}",
        "`{container}` 컨테이너의 시작이 실패해야 합니다. {state}",
    ),
}

_MADE = {
    "container.of": (
        "The container `{container}` was made from the image `{image}`.",
        "`{container}` 컨테이너를 `{image}` 이미지로 만들었습니다.",
    ),
    "containers.of": (
        "These containers were made from the image `{image}`: {containers}.",
        "다음 컨테이너를 `{image}` 이미지로 만들었습니다: {containers}",
    ),
    "containers.start": (
        "The command of these containers is `{command}`: {containers}.",
        "다음 컨테이너의 명령이 `{command}`입니다: {containers}",
    ),
    "container.other_image": (
        "The container `{container}` was made from the image `{there}`, not from `{image}`.",
        "`{container}` 컨테이너를 `{image}` 이미지가 아니라 `{there}` 이미지로 만들었습니다.",
    ),
    "container.starts": (
        "The command of `{container}` is `{command}`.",
        "`{container}` 컨테이너의 명령이 `{command}`입니다.",
    ),
    "container.other_command": (
        "The command of `{container}` is `{there}`, not `{command}`.",
        "`{container}` 컨테이너의 명령이 `{command}` 대신 `{there}`입니다.",
    ),
    "container.restarts": (
        "The restart policy of `{container}` is `{policy}`.",
        "`{container}` 컨테이너의 재시작 정책이 `{policy}`입니다.",
    ),
    "container.other_policy": (
        "The restart policy of `{container}` is `{there}`, not `{policy}`.",
        "`{container}` 컨테이너의 재시작 정책이 `{policy}` 대신 `{there}`입니다.",
    ),
    "container.user": (
        "The program in `{container}` runs as the user `{user}`.",
        "`{container}` 컨테이너의 프로그램이 `{user}` 사용자로 실행됩니다.",
    ),
    "container.other_user": (
        "The program in `{container}` runs as the user `{there}`, not as `{user}`.",
        "`{container}` 컨테이너의 프로그램이 `{user}` 대신 `{there}` 사용자로 실행됩니다.",
    ),
    "container.no_root": (
        "The program in `{container}` does not run as root.",
        "`{container}` 컨테이너의 프로그램이 root로 실행되지 않습니다.",
    ),
    "container.is_root": (
        "The program in `{container}` runs as root: no other user was named.",
        "`{container}` 컨테이너의 프로그램이 root로 실행됩니다. 다른 사용자를 정하지 않았습니다.",
    ),
    "container.env": (
        "`{container}` has the environment variable `{variable}`.",
        "`{container}` 컨테이너에 환경 변수 `{variable}` 항목이 있습니다.",
    ),
    "container.env_value": (
        "In `{container}` the environment variable `{variable}` is `{value}`.",
        "`{container}` 컨테이너의 환경 변수 `{variable}` 값이 `{value}`입니다.",
    ),
    "container.no_env": (
        "`{container}` has no environment variable `{variable}`.",
        "`{container}` 컨테이너에 환경 변수 `{variable}` 항목이 없습니다.",
    ),
    "container.other_env": (
        "In `{container}` the environment variable `{variable}` is `{there}`, not `{value}`.",
        "`{container}` 컨테이너의 환경 변수 `{variable}` 값이 `{value}` 대신 `{there}`입니다.",
    ),
    "container.label": (
        "`{container}` has the label `{label}={value}`.",
        "`{container}` 컨테이너에 `{label}={value}` 라벨이 있습니다.",
    ),
    "container.no_label": (
        "`{container}` does not have the label `{label}={value}`.",
        "`{container}` 컨테이너에 `{label}={value}` 라벨이 없습니다.",
    ),
    "container.hostname": (
        "The host name of `{container}` is `{host}`.",
        "`{container}` 컨테이너의 호스트 이름이 `{host}`입니다.",
    ),
    "container.other_host": (
        "The host name of `{container}` is `{there}`, not `{host}`.",
        "`{container}` 컨테이너의 호스트 이름이 `{host}` 대신 `{there}`입니다.",
    ),
}

_LIMITS = {
    "limits.memory": (
        "`{container}` may use at most {limit} of memory.",
        "`{container}` 컨테이너는 메모리를 {limit}까지만 쓸 수 있습니다.",
    ),
    "limits.no_memory": (
        "Nothing limits the memory of `{container}`.",
        "`{container}` 컨테이너의 메모리에 제한이 없습니다.",
    ),
    "limits.other_memory": (
        "The memory of `{container}` is limited to {there}, not to {limit}.",
        "`{container}` 컨테이너의 메모리 제한이 {limit} 대신 {there}입니다.",
    ),
    "limits.cpus": (
        "`{container}` may use the time of at most {limit} processors.",
        "`{container}` 컨테이너는 CPU를 {limit}개만큼만 쓸 수 있습니다.",
    ),
    "limits.no_cpus": (
        "Nothing limits the processor time of `{container}`.",
        "`{container}` 컨테이너의 CPU 시간에 제한이 없습니다.",
    ),
    "limits.other_cpus": (
        "The processor time of `{container}` is limited to {there} processors, not to {limit}.",
        "`{container}` 컨테이너의 CPU 제한이 {limit}개만큼이 아니라 {there}개만큼입니다.",
    ),
    "limits.processes": (
        "`{container}` may have at most {limit} processes.",
        "`{container}` 컨테이너는 프로세스를 {limit}개까지만 만들 수 있습니다.",
    ),
    "limits.no_processes": (
        "Nothing limits how many processes `{container}` may have.",
        "`{container}` 컨테이너의 프로세스 수에 제한이 없습니다.",
    ),
    "limits.other_processes": (
        "`{container}` may have {there} processes, not {limit}.",
        "`{container}` 컨테이너의 프로세스 수 제한이 {limit}개가 아니라 {there}개입니다.",
    ),
}

_INSIDE = {
    "process.runs": (
        "In `{container}` the program `{command}` is running.",
        "`{container}` 컨테이너 안에서 `{command}` 프로그램이 실행 중입니다.",
    ),
    "process.absent": (
        "`{container}` is running, but there is no `{command}` in it.",
        "`{container}` 컨테이너는 실행 중이지만 그 안에 `{command}` 프로그램이 없습니다.",
    ),
    "logs.contain": (
        "The output of `{container}` contains “{text}”.",
        "`{container}` 컨테이너의 출력에 “{text}” 내용이 있습니다.",
    ),
    "logs.empty": (
        "`{container}` has printed nothing at all; “{text}” was expected.",
        "`{container}` 컨테이너가 아무것도 출력하지 않았습니다. “{text}” 내용이 나와야 합니다.",
    ),
    "logs.without": (
        "The output of `{container}` does not contain “{text}”. Its last line is: {last}",
        "`{container}` 컨테이너의 출력에 “{text}” 내용이 없습니다. 마지막 줄은 이렇습니다: {last}",
    ),
    "logs.kernel": ("the release of the kernel", "커널 버전"),
    "logs.lack": (
        "The output of `{container}` does not contain “{text}”.",
        "`{container}` 컨테이너의 출력에 “{text}” 내용이 없습니다.",
    ),
    "logs.with": (
        "The output of `{container}` contains “{text}”, which should not be there.",
        "`{container}` 컨테이너의 출력에 나오지 않아야 할 “{text}” 내용이 있습니다.",
    ),
    "contents.holds": ("In {owner} there is `{path}`.", "{owner} 안에 `{path}` 경로가 있습니다."),
    "contents.holds_text": (
        "In {owner} the file `{path}` contains “{text}”.",
        "{owner} 안의 `{path}` 파일에 “{text}” 내용이 있습니다.",
    ),
    "contents.lacks": (
        "In {owner} there is no `{path}`.",
        "{owner} 안에 `{path}` 경로가 없습니다.",
    ),
    "contents.no_file": (
        "In {owner} nothing is at `{path}`.",
        "{owner} 안의 `{path}` 경로에 아무것도 없습니다.",
    ),
    "contents.still_there": (
        "In {owner} something is at `{path}`, where nothing should be.",
        "{owner} 안의 `{path}` 경로에 아무것도 없어야 하는데 무엇인가 있습니다.",
    ),
    "contents.no_regular_file": (
        "In {owner} `{path}` is not a file to read, but a folder or something of the kind.",
        "{owner} 안의 `{path}` 경로는 읽을 수 있는 파일이 아니라 폴더 같은 것입니다.",
    ),
    "contents.too_large": (
        "In {owner} the file `{path}` is far larger than what was asked for.",
        "{owner} 안의 `{path}` 파일이 필요한 것보다 훨씬 큽니다.",
    ),
    "contents.no_text": (
        "In {owner} the file `{path}` is there, but without “{text}”.",
        "{owner} 안에 `{path}` 파일은 있지만 “{text}” 내용이 없습니다.",
    ),
}

CONTAINERS = {**_STATES, **_LIFE, **_MADE, **_LIMITS, **_INSIDE}
