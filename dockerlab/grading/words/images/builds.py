"""What is said of builds, of what comes of them, and of how they are misunderstood."""

from __future__ import annotations

_CLAIMS = {
    "build.succeeds": (
        "The folder can be built with its `{path}`.",
        "폴더를 `{path}` 파일로 빌드할 수 있습니다.",
    ),
    "build.keeps": (
        "After an edit of `{file}`, `{step}` still comes from the cache.",
        "`{file}` 파일을 고쳐도 `{step}` 단계는 캐시에서 가져옵니다.",
    ),
    "build.repeats": (
        "After an edit of `{file}`, `{step}` runs again.",
        "`{file}` 파일을 고치면 `{step}` 단계가 다시 실행됩니다.",
    ),
    "build.endless": (
        "The build did not end within {seconds} seconds and was given up.",
        "빌드가 {seconds}초 안에 끝나지 않아 그만두었습니다.",
    ),
    "build.refused": ("The build fails: {error}", "빌드가 실패합니다. {error}"),
    "build.failed": (
        "The build fails in line {line}, at `{step}`: {words}",
        "{line}번째 줄 `{step}` 단계에서 빌드가 실패합니다. {words}",
    ),
    "build.kept": (
        "`{step}` does not notice an edit of {file}: the old result from the cache would be used.",
        "`{file}` 파일을 고쳐도 `{step}` 단계는 알지 못하고 캐시에 있는 옛 결과를 씁니다.",
    ),
    "build.missed": (
        "After an edit of `{file}`, line {line} (`{cause}`) is no longer as it was, so `{step}` "
        "runs again.",
        "`{file}` 파일을 고치면 {line}번째 줄 `{cause}` 단계가 전과 달라져서 `{step}` 단계까지 "
        "다시 실행됩니다.",
    ),
}

_RESULTS = {
    "result.adds": (
        "The image `{image}` is at most {most} larger than `{base}`.",
        "`{image}` 이미지가 `{base}` 이미지보다 큰 만큼이 {most} 이하입니다.",
    ),
    "result.in_container": (
        "The container `{container}` was made from the latest build of `{image}`.",
        "`{container}` 컨테이너는 마지막으로 빌드한 `{image}` 이미지로 만든 것입니다.",
    ),
    "result.older": (
        "The container `{container}` was not made from `{image}` as it is now.",
        "`{container}` 컨테이너는 지금의 `{image}` 이미지로 만든 것이 아닙니다.",
    ),
    "result.too_much": (
        "The image `{image}` is {there} larger than `{base}`; {most} are allowed.",
        "`{image}` 이미지가 `{base}` 이미지보다 {there}만큼 큽니다. {most}까지 허용됩니다.",
    ),
}

_TRIALS = {
    "trial.prints": (
        "A container of `{image}` prints “{text}”.",
        "`{image}` 이미지의 컨테이너가 “{text}” 내용을 출력합니다.",
    ),
    "trial.prints_just": (
        "A container of `{image}` prints exactly this: {lines}.",
        "`{image}` 이미지의 컨테이너가 다음 내용만 출력합니다: {lines}",
    ),
    "trial.ends": (
        "A container of `{image}` ends with exit code {code}.",
        "`{image}` 이미지의 컨테이너가 종료 코드 {code}번으로 끝납니다.",
    ),
    "trial.repeats": (
        "Line {number} is the same in every container of `{image}`.",
        "`{image}` 이미지의 컨테이너는 모두 {number}번째 줄이 같습니다.",
    ),
    "trial.renews": (
        "Line {number} is different in each container of `{image}`.",
        "`{image}` 이미지의 컨테이너는 저마다 {number}번째 줄이 다릅니다.",
    ),
    "trial.heeds_stop": (
        "Told to stop, a container of `{image}` ends by itself.",
        "`{image}` 이미지의 컨테이너는 멈추라는 말을 들으면 스스로 끝납니다.",
    ),
    "trial.refused": (
        "A container of `{image}` cannot even be started: {error}",
        "`{image}` 이미지의 컨테이너를 시작조차 할 수 없습니다. {error}",
    ),
    "trial.silent": (
        "A container of `{image}` prints nothing; “{text}” was expected.",
        "`{image}` 이미지의 컨테이너가 아무것도 출력하지 않습니다. “{text}” 내용이 나와야 합니다.",
    ),
    "trial.other": (
        "A container of `{image}` does not print “{text}”. It prints: {output}",
        "`{image}` 이미지의 컨테이너가 “{text}” 내용을 출력하지 않습니다. 실제 출력: {output}",
    ),
    "trial.endless": (
        "A container of `{image}` was still running after {seconds} seconds.",
        "`{image}` 이미지의 컨테이너가 {seconds}초가 지나도 끝나지 않았습니다.",
    ),
    "trial.code": (
        "A container of `{image}` ends with exit code {code}, not `{wanted}`.",
        "`{image}` 이미지의 컨테이너가 종료 코드 {code}번으로 끝납니다. `{wanted}`번이어야 합니다.",
    ),
    "trial.few_lines": (
        "A container of `{image}` prints {there} lines; line {number} is missing.",
        "`{image}` 이미지의 컨테이너가 {there}줄만 출력합니다. {number}번째 줄이 없습니다.",
    ),
    "trial.renewed": (
        "Line {number} differs from container to container: {first} and {second}.",
        "{number}번째 줄이 컨테이너마다 다릅니다: {first}, {second}",
    ),
    "trial.repeated": (
        "Line {number} is the same in two containers: {first}.",
        "두 컨테이너의 {number}번째 줄이 똑같습니다: {first}",
    ),
    "trial.not_ready": (
        "A container of `{image}` never said “{text}”.",
        "`{image}` 이미지의 컨테이너가 “{text}” 내용을 출력하지 않았습니다.",
    ),
    "trial.killed": (
        "Told to stop, a container of `{image}` did not react, and was killed after {seconds} "
        "seconds (exit code {code}).",
        "`{image}` 이미지의 컨테이너는 멈추라는 말에 반응하지 않아 {seconds}초 뒤 강제로 "
        "끝났습니다(종료 코드 {code}).",
    ),
    "trial.bad_end": (
        "Told to stop, a container of `{image}` ended with exit code {code} instead of 0.",
        "멈추라는 말을 들은 `{image}` 이미지의 컨테이너가 종료 코드 0번이 아니라 {code}번으로 "
        "끝났습니다.",
    ),
}

_SPOTS = {
    "spot.copy-before-install": (
        "Line {at} copies the whole folder before `{install}` in line {line}. Any edit changes "
        "that step, and all steps below it run again. Copy package.json alone first, install, "
        "and copy the rest below.",
        "{at}번째 줄이 {line}번째 줄의 `{install}`보다 먼저 폴더 전체를 복사합니다. "
        "무엇을 고치든 이 단계가 달라지고 그 아래가 모두 다시 실행됩니다. package.json만 먼저 "
        "복사해서 설치하고, 나머지는 그 아래에서 복사하세요.",
    ),
    "spot.two-cmds": (
        "The {word} in line {at} never runs: an image has one start command, and the one in "
        "line {last} replaces it.",
        "{at}번째 줄의 {word} 명령은 실행되지 않습니다. 이미지의 시작 명령은 하나뿐이라 "
        "{last}번째 줄이 덮어씁니다.",
    ),
    "spot.single-quotes": (
        "The list in line {at} is in single quotes. It must be JSON, which only knows "
        "double quotes, so Docker took the line for a shell command.",
        "{at}번째 줄의 목록이 작은따옴표로 적혀 있습니다. 목록은 JSON이라 큰따옴표만 쓸 수 "
        "있습니다. 그래서 도커는 이 줄을 셸 명령으로 받아들였습니다.",
    ),
    "spot.latest": (
        "Line {at} names `{image}` without a version, so it means latest, which is a different "
        "image every few months. Write the version after a colon.",
        "{at}번째 줄의 `{image}`에 버전이 없습니다. 그러면 latest라는 뜻이고, latest는 몇 달마다 "
        "다른 이미지가 됩니다. 콜론 뒤에 버전을 적으세요.",
    ),
    "spot.no-workdir": (
        "Line {at} copies the folder into /, among the system's own files. WORKDIR above it "
        "gives your files a place of their own.",
        "{at}번째 줄은 폴더를 시스템 파일이 있는 / 자리에 복사합니다. 그 위에 WORKDIR을 적어 "
        "전용 폴더를 마련하세요.",
    ),
    "spot.nothing-to-install": (
        "Line {at} installs, but no package.json is in the image yet: nothing but the base "
        "image is there until COPY brings something.",
        "{at}번째 줄에서 설치하는데, 이미지에는 아직 package.json이 없습니다. COPY로 가져오기 "
        "전에는 베이스 이미지의 파일밖에 없습니다.",
    ),
    "spot.shell-form-cmd": (
        "The container's first process is a shell, and your program only its child. docker stop "
        "tells the shell, which does not pass it on. Write CMD as a list, with your program as "
        "the first word.",
        "컨테이너의 첫 프로세스가 셸이고, 프로그램은 셸의 자식입니다. docker stop은 셸에게 말하고 "
        "셸은 그 말을 전하지 않습니다. CMD를 목록으로 쓰고 첫 낱말에 프로그램을 적으세요.",
    ),
    "spot.no-shell": (
        "The start command holds “{sign}”, but the list form gives the words to the program as "
        'they are: only a shell would read that sign. Begin the list with "sh", "-c".',
        "시작 명령에 “{sign}” 기호가 있는데, 목록 형식에서는 낱말이 그대로 프로그램에 넘어갑니다. "
        '이 기호를 알아듣는 것은 셸입니다. 목록을 "sh", "-c"로 시작하세요.',
    ),
    "spot.no-cmd": (
        "The image `{image}` still has the start command of its base image. RUN acts while the "
        "image is built; CMD says what a container does.",
        "`{image}` 이미지의 시작 명령이 베이스 이미지의 것 그대로입니다. RUN은 이미지를 만들 때 "
        "실행됩니다. 컨테이너가 할 일은 CMD로 적습니다.",
    ),
    "spot.cd-is-forgotten": (
        "RUN cd in line {line} is over when its step is: each step begins in the image's working "
        "directory again. What lasts is WORKDIR.",
        "{line}번째 줄의 RUN cd는 그 단계가 끝나면 사라집니다. 단계마다 이미지의 작업 디렉터리에서 "
        "다시 시작하기 때문입니다. 계속 남는 것은 WORKDIR입니다.",
    ),
    "spot.removed-later": (
        "Line {line} removes it in a separate step. The layer of the earlier step still holds "
        "it; the new layer only covers it up.",
        "{line}번째 줄은 따로 된 단계에서 지웁니다. 앞 단계의 레이어에는 그대로 남아 있고, 새 "
        "레이어는 그것을 가릴 뿐입니다.",
    ),
    "spot.not-rebuilt": (
        "`{file}` in your folder is newer than the copy in `{image}`. An image never follows your "
        "files: build it again.",
        "폴더의 `{file}` 파일이 `{image}` 이미지에 든 것보다 새것입니다. 이미지는 파일을 따라 "
        "바뀌지 않으니 다시 빌드하세요.",
    ),
}

BUILDS = {**_CLAIMS, **_RESULTS, **_TRIALS, **_SPOTS}
