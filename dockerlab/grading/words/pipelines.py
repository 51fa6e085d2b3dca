"""What is said of a CI's file."""

from __future__ import annotations

PIPELINES = {
    "pipeline.valid": (
        "{file} is a pipeline that can be read.",
        "{file} 파일을 파이프라인으로 읽을 수 있습니다.",
    ),
    "pipeline.absent": (
        "There is no {file} in the exercise's folder.",
        "연습 문제 폴더에 {file} 파일이 없습니다.",
    ),
    "pipeline.invalid": (
        "{file}, line {line}: {words}",
        "{file} 파일 {line}번째 줄에 문제가 있습니다. {words}",
    ),
    "pipeline.no_jobs": (
        "{file} has no jobs to do.",
        "{file} 파일에 할 일이 적혀 있지 않습니다.",
    ),
    "pipeline.event": (
        "{file} is started by `{event}`.",
        "{file} 파이프라인이 `{event}` 때 시작합니다.",
    ),
    "pipeline.no_event": (
        "{file} is not started by `{event}`, but by: {found}.",
        "{file} 파이프라인이 `{event}` 때 시작하지 않습니다. 시작하는 때: {found}",
    ),
    "pipeline.no_branch": (
        "{file} is not started on the branch {branch}.",
        "{file} 파이프라인이 {branch} 브랜치에서 시작하지 않습니다.",
    ),
    "pipeline.uses": (
        "{file} uses {action}.",
        "{file} 파이프라인이 {action} 액션을 씁니다.",
    ),
    "pipeline.unused": (
        "No step of {file} uses {action}.",
        "{file} 파이프라인에 {action} 액션을 쓰는 단계가 없습니다.",
    ),
    "pipeline.runs": (
        "{file} runs `{words}`.",
        "{file} 파이프라인이 `{words}` 명령을 실행합니다.",
    ),
    "pipeline.runs_after": (
        "{file} runs `{words}` after `{after}`.",
        "{file} 파이프라인이 `{after}` 다음에 `{words}` 명령을 실행합니다.",
    ),
    "pipeline.not_run": (
        "No step of {file} runs `{words}`.",
        "{file} 파이프라인에 `{words}` 명령을 실행하는 단계가 없습니다.",
    ),
    "pipeline.too_early": (
        "{file} runs `{words}`, but not after `{after}`.",
        "{file} 파이프라인이 `{words}` 명령을 실행하지만 `{after}` 다음이 아닙니다.",
    ),
    "pipeline.strict": (
        "When `{words}` fails, {file} fails.",
        "`{words}` 명령이 실패하면 {file} 파이프라인도 실패합니다.",
    ),
    "pipeline.swallowed": (
        "A failure of `{words}` would not be noticed: {line}",
        "`{words}` 명령이 실패해도 알 수 없습니다: {line}",
    ),
    "pipeline.waits": (
        "`{words}` comes only when `{other}` has succeeded.",
        "`{other}` 단계가 성공해야만 `{words}` 단계를 시작합니다.",
    ),
    "pipeline.at_once": (
        "`{words}` does not wait for `{other}`.",
        "`{words}` 단계가 `{other}` 단계를 기다리지 않습니다.",
    ),
    "delivery.valid": (
        "A CI can follow .travis.yml to its end.",
        "CI가 .travis.yml 파일을 끝까지 따라 할 수 있습니다.",
    ),
    "delivery.docker": (
        "Docker may be used in the job.",
        "작업에서 도커를 쓸 수 있습니다.",
    ),
    "delivery.no_docker": (
        "The job does not ask for docker, so Travis starts none.",
        "docker 서비스를 요청하지 않아서 Travis가 도커를 띄우지 않습니다.",
    ),
    "delivery.starts": (
        "A push to any of these branches is tested: {branches}.",
        "다음 브랜치는 push할 때마다 테스트합니다: {branches}",
    ),
    "delivery.ignored": (
        "`{words}` runs in `{phase}`, where a failure counts for nothing.",
        "`{words}` 명령을 `{phase}` 단계에서 실행합니다. 여기서는 실패해도 아무 일이 없습니다.",
    ),
    "delivery.deploys": (
        "It deploys to the environment {environment} of the application {application}.",
        "{application} 애플리케이션의 {environment} 환경으로 배포합니다.",
    ),
    "delivery.none": (
        "Nothing in .travis.yml deploys to Elastic Beanstalk.",
        ".travis.yml 파일에 Elastic Beanstalk으로 배포하는 부분이 없습니다.",
    ),
    "delivery.other": (
        "It deploys to another place: {there}.",
        "다른 곳으로 배포합니다: {there}",
    ),
    "delivery.only_from": (
        "It deploys from the branch {branch}, and from no other.",
        "{branch} 브랜치에서만 배포하고 다른 브랜치에서는 배포하지 않습니다.",
    ),
    "delivery.not_from": (
        "A push to {branch} would not be deployed.",
        "{branch} 브랜치로 push해도 배포되지 않습니다.",
    ),
    "delivery.also_from": (
        "A push to another branch would be deployed as well, for example to {other}.",
        "{other} 같은 다른 브랜치로 push해도 배포됩니다.",
    ),
    "delivery.keys": (
        "The keys of AWS come from the settings of the CI.",
        "AWS 키를 CI의 설정에서 가져옵니다.",
    ),
    "delivery.key_held": (
        "A key of AWS stands in the file itself.",
        "AWS 키가 파일에 그대로 적혀 있습니다.",
    ),
    "spot.failure-swallowed": (
        "`{found}` turns a failure into a success, so the pipeline stays green whatever the tests "
        "say. The exit code is all that a CI looks at: leave it alone.",
        "`{found}` 부분이 실패를 성공으로 바꿔서, 테스트가 뭐라고 하든 파이프라인은 늘 "
        "초록색입니다. CI가 보는 것은 종료 코드뿐이니 그대로 두세요.",
    ),
    "spot.deploy-without-tests": (
        "The job {job} does not wait for {first}: jobs run side by side, so what fails its "
        "tests is deployed all the same. `needs:` makes one wait for the other.",
        "{job} 작업이 {first} 작업을 기다리지 않습니다. 작업은 나란히 실행되므로 테스트에 실패한 "
        "것도 배포됩니다. `needs:` 항목이 앞의 작업을 기다리게 합니다.",
    ),
    "spot.secret-in-the-file": (
        "The secret itself is in {file}, for everybody who can read the repository. It "
        "belongs in the settings of the CI; the file only names it.",
        "비밀 값이 {file} 파일에 그대로 적혀 있어서 저장소를 읽을 수 있는 사람은 누구나 "
        "봅니다. 값은 CI의 설정에 넣고, 파일에는 그 이름만 적으세요.",
    ),
    "spot.production-file-in-tests": (
        "{file} builds without `-f Dockerfile.dev`, so it gets the image for production, in "
        "which there are no tests.",
        "{file} 파이프라인이 `-f Dockerfile.dev` 없이 이미지를 만들어서, 테스트가 들어 있지 않은 "
        "운영용 이미지를 씁니다.",
    ),
}
