"""What is said of a Dockerfile as it is written."""

from __future__ import annotations

RECIPES = {
    "recipe.legible": (
        "Docker understands every line of `{path}`.",
        "`{path}` 파일의 모든 줄을 도커가 이해합니다.",
    ),
    "recipe.starts_from": (
        "`{path}` starts from the image `{image}`.",
        "`{path}` 파일은 `{image}` 이미지에서 시작합니다.",
    ),
    "recipe.has": ("`{path}` has the step `{step}`.", "`{path}` 파일에 `{step}` 단계가 있습니다."),
    "recipe.lacks": (
        "`{path}` has no step `{step}`.",
        "`{path}` 파일에 `{step}` 단계가 없습니다.",
    ),
    "recipe.goes": (
        "The steps of `{path}` come in this order: {steps}.",
        "`{path}` 파일의 단계가 이 순서로 되어 있습니다: {steps}",
    ),
    "recipe.stages": (
        "`{path}` has {count} stages or more.",
        "`{path}` 파일에 스테이지가 {count}개 이상 있습니다.",
    ),
    "recipe.follows.latest": (
        "Every base image in `{path}` has a fixed version.",
        "`{path}` 파일의 베이스 이미지는 모두 버전이 정해져 있습니다.",
    ),
    "recipe.follows.last-counts": (
        "`{path}` has one start command.",
        "`{path}` 파일에 시작 명령이 하나만 있습니다.",
    ),
    "recipe.follows.shell-form": (
        "The start command in `{path}` is a list of words, without a shell in between.",
        "`{path}` 파일의 시작 명령은 셸을 거치지 않는 목록 형식입니다.",
    ),
    "recipe.follows.quotes": (
        "The start command in `{path}` is written with double quotes.",
        "`{path}` 파일의 시작 명령은 큰따옴표로 적혀 있습니다.",
    ),
    "recipe.follows.copy-first": (
        "`{path}` installs before it copies the whole folder.",
        "`{path}` 파일은 폴더 전체를 복사하기 전에 설치부터 합니다.",
    ),
    "recipe.follows.no-package": (
        "`{path}` copies package.json before it installs.",
        "`{path}` 파일은 설치하기 전에 package.json을 복사합니다.",
    ),
    "recipe.follows.no-ignore": (
        "There is a .dockerignore beside `{path}`.",
        "`{path}` 파일 옆에 .dockerignore가 있습니다.",
    ),
    "recipe.follows.no-workdir": (
        "`{path}` gives the app a folder of its own.",
        "`{path}` 파일은 앱에 전용 폴더를 마련해 줍니다.",
    ),
    "recipe.follows.update-alone": (
        "`{path}` updates the package lists in the step that installs.",
        "`{path}` 파일은 설치하는 단계에서 패키지 목록도 함께 갱신합니다.",
    ),
    "recipe.follows.secret": (
        "`{path}` holds no secret.",
        "`{path}` 파일에 비밀 정보가 없습니다.",
    ),
    "recipe.follows.dev-server": (
        "The image of `{path}` does not start a development server.",
        "`{path}` 파일로 만든 이미지는 개발 서버를 띄우지 않습니다.",
    ),
    "recipe.absent": (
        "There is no `{path}` in the exercise's folder yet.",
        "연습 문제 폴더에 아직 `{path}` 파일이 없습니다.",
    ),
    "recipe.illegible": (
        "Docker does not understand {path}: {error}",
        "도커가 `{path}` 파일을 이해하지 못합니다. {error}",
    ),
    "recipe.other_base": (
        "`{path}` starts from `{image}`, not from `{wanted}`.",
        "`{path}` 파일이 `{wanted}` 이미지가 아니라 `{image}` 이미지에서 시작합니다.",
    ),
    "recipe.no_step": (
        "`{path}` has no step `{step}`.",
        "`{path}` 파일에 `{step}` 단계가 없습니다.",
    ),
    "recipe.has_step": (
        "Line {line} still has a step `{step}`.",
        "{line}번째 줄에 아직 `{step}` 단계가 있습니다.",
    ),
    "recipe.step_early": (
        "The step `{step}` in line {line} comes too early: it belongs further down.",
        "{line}번째 줄의 `{step}` 단계가 너무 앞에 있습니다. 더 아래로 내려가야 합니다.",
    ),
    "recipe.few_stages": (
        "It has {there} stages so far and needs {count}. Each stage begins with FROM.",
        "지금은 스테이지가 {there}개이고 {count}개가 필요합니다. 스테이지는 FROM으로 시작합니다.",
    ),
}
