"""What is said of an app on its way to its visitors: images for production, tests, secrets."""

from __future__ import annotations

PRODUCTION = {
    "fresh.says": (
        "The container {container} was made from the image {image} as it is now.",
        "{container} 컨테이너가 지금의 {image} 이미지로 만들어졌습니다.",
    ),
    "fresh.older": (
        "The container {container} was not made from the newest image {image}.",
        "{container} 컨테이너가 가장 새로운 {image} 이미지로 만들어지지 않았습니다.",
    ),
    "secret.says": (
        "The key is nowhere in the image {image}: neither in its settings nor in its history nor "
        "in its layers.",
        "{image} 이미지의 설정, 기록, 레이어 어디에도 비밀 값이 없습니다.",
    ),
    "secret.in_settings": (
        "The key is in the settings of the image {image} ({where}).",
        "{image} 이미지의 설정({where})에 비밀 값이 적혀 있습니다.",
    ),
    "secret.in_history": (
        "The key is in the history of the image {image}: {where}",
        "{image} 이미지의 기록에 비밀 값이 적혀 있습니다: {where}",
    ),
    "secret.in_layer": (
        "A layer of the image {image} holds a file with the key: {where}",
        "{image} 이미지의 레이어에 비밀 값이 든 파일이 있습니다: {where}",
    ),
    "secret.large": (
        "The image {image} is too large to be searched.",
        "{image} 이미지가 너무 커서 찾아보지 않았습니다.",
    ),
    "original.says": (
        "{path} in the image {image} is the file you were given.",
        "{image} 이미지의 {path} 파일이 처음 받은 그대로입니다.",
    ),
    "original.missing": (
        "The image {image} has no {path}.",
        "{image} 이미지에 {path} 파일이 없습니다.",
    ),
    "original.changed": (
        "{path} in the image {image} is not the file you were given.",
        "{image} 이미지의 {path} 파일이 처음 받은 것과 다릅니다.",
    ),
    "spot.dockerfile-not-named": (
        "{dev} and {production} are one and the same image: without `-f`, `docker build` takes the "
        "file called `Dockerfile`, whatever name the image gets.",
        "{dev} 이미지와 {production} 이미지가 똑같은 것입니다. 이미지에 어떤 이름을 붙이든 "
        "`-f` 옵션이 없으면 `docker build` 명령은 `Dockerfile`이라는 파일을 씁니다.",
    ),
    "spot.one-stage": (
        "{image} is still built on {base}: everything that was needed for building goes along to "
        "the visitors. Begin a second stage with another `FROM`, and let it take only the result: "
        "`COPY --from=…`.",
        "{image} 이미지가 여전히 {base} 이미지 위에 있어서 만드는 데 쓴 것이 모두 따라갑니다. "
        "`FROM` 줄을 하나 더 써서 두 번째 단계를 시작하고, `COPY --from=…` 줄로 결과만 "
        "가져오세요.",
    ),
    "spot.sources-served": (
        "{image} holds {path}: these are the sources, not what was made of them. The result of the "
        "build is in the folder `dist` of the first stage.",
        "{image} 이미지에 {path} 파일이 있습니다. 이것은 소스이지 그것으로 만든 결과가 아닙니다. "
        "결과는 첫 단계의 `dist` 폴더에 있습니다.",
    ),
    "spot.built-not-mounted": (
        "The container has a copy of {folder}, from when its image was built: each edit would need "
        "another build. With a bind mount it sees the folder itself.",
        "컨테이너에는 이미지를 빌드할 때 복사한 {folder} 내용만 있어서, 고칠 때마다 다시 빌드해야 "
        "합니다. 바인드 마운트를 하면 컨테이너가 그 폴더를 직접 봅니다.",
    ),
    "spot.tests-changed": (
        "It is the tests that were changed, not the program. Then they are green and say nothing. "
        "Undo the change, and look for the mistake in the program.",
        "프로그램이 아니라 테스트를 고쳤습니다. 그러면 초록색이 되어도 아무 뜻이 없습니다. "
        "고친 것을 되돌리고 프로그램에서 잘못을 찾으세요.",
    ),
    "spot.exit-code-swallowed": (
        "{container} ends with 0 whatever the tests say: {command}. Whoever runs the tests looks "
        "only at the exit code.",
        "{container} 컨테이너는 테스트가 뭐라고 하든 종료 코드 0으로 끝납니다: {command} "
        "테스트를 돌리는 쪽이 보는 것은 종료 코드뿐입니다.",
    ),
    "spot.secret-in-an-earlier-layer": (
        "A later step removes {path}, but the layer below still holds it, and everybody who has "
        "the image can unpack that. What must not be in an image must not come in at all: "
        "`.dockerignore`.",
        "뒤의 단계에서 {path} 파일을 지웠지만 아래 레이어에는 그대로 있고, 이미지를 가진 "
        "사람은 누구나 풀어 볼 수 있습니다. 이미지에 있으면 안 되는 것은 애초에 들어오지 않게 "
        "해야 합니다. `.dockerignore` 파일이 그 일을 합니다.",
    ),
    "spot.secret-copied": (
        "`COPY . .` takes everything along, even {path}. `.dockerignore` names what stays outside.",
        "`COPY . .` 줄은 {path} 파일까지 모두 가져갑니다. 밖에 남겨 둘 것은 `.dockerignore` 파일에 "
        "적습니다.",
    ),
    "spot.secret-in-the-settings": (
        "`ENV` writes the value into the image's settings: `docker inspect` shows it to everybody. "
        "Give a key only to `docker run`.",
        "`ENV` 줄은 값을 이미지의 설정에 적어 두고, `docker inspect` 명령은 그것을 누구에게나 "
        "보여 줍니다. 비밀 값은 `docker run` 때 줍니다.",
    ),
    "spot.secret-in-the-history": (
        "The value is in the image's history ({where}), which `docker history` shows to "
        "everybody. Build arguments are no place for secrets.",
        "이미지의 기록에 값이 남아 있고({where}), `docker history` 명령은 그것을 누구에게나 보여 "
        "줍니다. 빌드 인자는 비밀 값을 넣을 자리가 아닙니다.",
    ),
}
