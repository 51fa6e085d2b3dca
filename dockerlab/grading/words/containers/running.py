"""The hints of misconceptions about containers, limits and images."""

from __future__ import annotations

_STARTING = {
    "spot.options-after-image": (
        "Docker's own options come *before* the image. Everything after the image is the command "
        "for the container, so `{option}` was handed to the program inside, and your name with "
        "it. The result is the container `{container}`: remove it, and write the options in "
        "front of the image.",
        "도커의 옵션은 이미지 이름 *앞에* 적습니다. 이미지 뒤에 적은 것은 모두 컨테이너가 실행할 "
        "명령입니다. 그래서 `{option}` 옵션이 이름과 함께 안쪽 프로그램에게 넘어갔습니다. 그렇게 "
        "생긴 컨테이너가 `{container}`입니다. 지우고, 옵션을 앞에 적어 다시 실행하세요.",
    ),
    "spot.similar-name": (
        "There is a container `{there}`. Every letter of a name counts: `docker rename` can make "
        "it `{name}`.",
        "`{there}` 컨테이너가 있습니다. 이름은 한 글자까지 똑같아야 합니다. `docker rename` "
        "명령을 쓰면 `{name}`, 이 이름으로 바꿀 수 있습니다.",
    ),
    "spot.only-created": (
        "`create` only makes the container. It comes to life with `docker start {container}`.",
        "`create`는 컨테이너를 만들기만 합니다. `docker start {container}` 명령을 실행해야 "
        "움직이기 시작합니다.",
    ),
    "spot.already-started": (
        "`{container}` has been started already: `run` is `create` and `start` in one. Remove it "
        "and make it again, with the first half only.",
        "`{container}` 컨테이너는 이미 시작된 적이 있습니다. `run`은 `create`와 `start`를 한 번에 "
        "하기 때문입니다. 지우고, 앞의 절반만 써서 다시 만드세요.",
    ),
    "spot.nothing-to-do": (
        "`{container}` has ended already. Its command is a shell, and a shell with neither a "
        "line to run nor a keyboard has nothing to do. Name a command that lasts: `sleep 600`.",
        "`{container}` 컨테이너는 벌써 끝났습니다. 시작 명령이 셸인데, 실행할 줄도 키보드도 없는 "
        "셸은 할 일이 없어 바로 끝납니다. `sleep 600`처럼 계속 도는 명령을 적어 주세요.",
    ),
    "spot.no-such-program": (
        "The image of `{container}` holds no program `{program}`. A container can only run what "
        "its image holds.",
        "`{container}` 컨테이너의 이미지에는 `{program}` 프로그램이 없습니다. 컨테이너는 이미지에 "
        "들어 있는 것만 실행할 수 있습니다.",
    ),
    "spot.line-as-one-word": (
        "The quotes made one word of `{program}`, so Docker looked for a program with exactly that "
        "name, spaces included. Leave out the quotes.",
        "따옴표 때문에 `{program}` 전체가 한 낱말이 되어, 빈칸까지 포함한 그 이름의 프로그램을 "
        "찾았습니다. 따옴표를 빼세요.",
    ),
    "spot.command-replaced": (
        "`{container}` has ended: it ran `{command}` in place of the image's own start command, "
        "because words after the image replace that. Leave them out, and the program that the "
        "image is made for starts.",
        "`{container}` 컨테이너는 이미 끝났습니다. 이미지의 시작 명령 대신 `{command}` 명령을 "
        "실행했기 때문입니다. 이미지 뒤에 적은 말은 시작 명령을 대신합니다. 그 말을 빼면 이미지가 "
        "원래 실행하려던 프로그램이 시작됩니다.",
    ),
    "spot.unquoted-line": (
        "`sh -c` takes *one* word for the line to run, and in `{container}` that was `{word}` "
        "alone. Put quotes around the whole line.",
        "`sh -c`는 바로 뒤의 *한* 낱말만 실행할 줄로 받습니다. `{container}` 컨테이너에서는 "
        "`{word}` 하나뿐이었습니다. 한 줄 전체를 따옴표로 묶으세요.",
    ),
    "spot.needs-a-shell": (
        "`{word}` is a word of the shell, and no shell runs in `{container}`: the command there is "
        'one program with its arguments. Give the whole line to a shell: `sh -c "…"`.',
        "`{word}`, 이것은 셸만 알아듣는 말인데 `{container}` 컨테이너에서는 셸이 실행되지 "
        "않았습니다. 그곳의 명령은 프로그램 하나와 그 인자일 뿐입니다. 한 줄을 통째로 셸에게 "
        '넘기세요: `sh -c "…"`',
    ),
    "spot.written-elsewhere": (
        "`{path}` is in the container `{there}`. Each `docker run` makes a *new* container with a "
        "disk of its own; to run a command in one that is already there, use `docker exec`.",
        "`{path}` 파일이 `{there}` 컨테이너에 있습니다. `docker run`은 매번 자기 디스크를 가진 "
        "*새* 컨테이너를 만듭니다. 이미 있는 컨테이너 안에서 명령을 실행하려면 `docker exec`를 "
        "쓰세요.",
    ),
    "spot.computed-not-printed": (
        "The program in `{container}` ended well, but printed nothing. With `-c` or `-e` a value "
        "is computed, not shown: let the program print it.",
        "`{container}` 컨테이너의 프로그램은 잘 끝났지만 아무것도 출력하지 않았습니다. `-c` 또는 "
        "`-e` 뒤의 코드는 계산만 할 뿐 보여 주지 않습니다. 출력하는 코드를 써 주세요.",
    ),
}

_ENDING = {
    "spot.ended-by-force": (
        "`{container}` was ended by force: 137 is 128 + 9, SIGKILL. The program was not asked. "
        "Start it again, and end it with `stop`.",
        "`{container}` 컨테이너는 강제로 끝났습니다. 137은 128 + 9, 곧 SIGKILL입니다. 프로그램은 "
        "부탁을 받지 못했습니다. 다시 시작하고, 이번에는 `stop`으로 끝내세요.",
    ),
    "spot.deaf-first-process": (
        "`{container}` ended with 137: it did not listen to SIGTERM and was killed. Its program "
        "is process number 1 in there, and number 1 does not feel a SIGTERM it has not prepared "
        "for. `--init` puts a tiny program in front that passes the signal on.",
        "`{container}` 컨테이너가 137번으로 끝났습니다. SIGTERM을 느끼지 못해 강제로 끝난 "
        "것입니다. 안에서 1번인 프로세스는 미리 준비하지 않은 SIGTERM에 반응하지 않습니다. "
        "`--init`을 쓰면 시그널을 전달해 주는 작은 프로그램이 1번이 됩니다.",
    ),
    "spot.heard-but-went-on": (
        "`{container}` has heard SIGTERM, for it wrote its line. But then it went on, until it was "
        "killed: what a `trap` does replaces the end. It must also say `exit 0`.",
        "`{container}` 컨테이너는 SIGTERM을 들었습니다. 그래서 한 줄을 적었지만, 그 뒤에도 계속 "
        "돌다가 강제로 끝났습니다. `trap`에 적은 일이 끝내기를 대신하기 때문입니다. `exit 0`도 "
        "함께 적어야 합니다.",
    ),
    "spot.rm-of-running": (
        "`{container}` is still at work, and `rm` takes only what has stopped. Stop it first.",
        "`{container}` 컨테이너가 아직 실행 중입니다. `rm`은 멈춘 것만 지웁니다. 먼저 멈추세요.",
    ),
}

_LIMITS = {
    "spot.decimal-megabytes": (
        "The limit of `{container}` counts in millions of bytes. Docker's `m` is 1024 × 1024 "
        "bytes: write `64m` and let it calculate.",
        "`{container}` 컨테이너의 제한을 백만 바이트 단위로 계산했습니다. 도커의 `m`은 1024 × "
        "1024바이트입니다. `64m`이라고 적고 계산은 도커에게 맡기세요.",
    ),
    "spot.soft-limit": (
        "A *reservation* is only a wish: as long as the machine has memory, `{container}` may "
        "take more. The limit is `--memory`.",
        "*예약*(reservation)은 부탁일 뿐입니다. 컴퓨터에 메모리가 남아 있는 한 `{container}` "
        "컨테이너는 더 가져갈 수 있습니다. 제한은 `--memory` 옵션입니다.",
    ),
    "spot.shares-are-no-limit": (
        "*Shares* are a weight: they count only while others want the processor too. Alone, "
        "`{container}` may use all of it. A limit is `--cpus`.",
        "*몫*(shares)은 비중입니다. 다른 프로그램도 CPU를 원할 때만 효과가 있고, 혼자라면 "
        "`{container}` 컨테이너가 전부 쓸 수 있습니다. 제한은 `--cpus` 옵션입니다.",
    ),
    "spot.pinned-is-no-limit": (
        "`--cpuset-cpus` says *which* processors `{container}` may use, not how much of them. A "
        "limit is `--cpus`.",
        "`--cpuset-cpus` 옵션은 `{container}` 컨테이너가 *어느* CPU를 쓸지 정할 뿐, 얼마나 쓸지는 "
        "정하지 않습니다. 제한은 `--cpus` 옵션입니다.",
    ),
}

_IMAGES = {
    "spot.copied-not-named": (
        "`{image}` and `{other}` are two images. To give an image a second *name*, use "
        "`docker tag`.",
        "`{image}` 그리고 `{other}` 두 이미지가 따로 있습니다. 이미 있는 이미지에 *이름*을 하나 더 "
        "붙이는 명령은 `docker tag`입니다.",
    ),
}

RUNNING = {**_STARTING, **_ENDING, **_LIMITS, **_IMAGES}
