"""The words of the pictures of the cloud (see views/words.py). AWS's own words stay as they are."""

from __future__ import annotations

_ENVIRONMENT = {
    "cloud.title": ("The environment {name}", "{name} 환경"),
    "cloud.desc": (
        "From left to right: visitors, the load balancer, the instances that it shares the "
        "requests among. Below, what happened last. {all}",
        "왼쪽부터 방문자, 로드 밸런서, 로드 밸런서가 요청을 나누어 주는 인스턴스입니다. 아래는 "
        "최근에 일어난 일입니다. {all}",
    ),
    "cloud.none": ("The environment is not known yet.", "환경을 아직 알 수 없습니다."),
    "cloud.about": ("application {application}", "애플리케이션 {application}"),
    "cloud.version": ("version {version}", "버전 {version}"),
    "cloud.version.none": ("no version yet", "버전 없음"),
    "cloud.visitors": ("Visitors", "방문자"),
    "cloud.balancer": ("Load balancer", "로드 밸런서"),
    "cloud.instances": ("Instances", "인스턴스"),
    "cloud.instance": ("Instance {id}", "인스턴스 {id}"),
    "cloud.container": ("container {name}", "컨테이너 {name}"),
    "cloud.range": ("{n} now, {low} to {high} allowed", "지금 {n}개, {low}~{high}개 허용"),
    "cloud.empty": ("no instance", "인스턴스 없음"),
    "cloud.more": ("and {n} more", "그 밖에 {n}개"),
    "cloud.requests": ("requests", "요청"),
    "cloud.errors": ("errors (5xx)", "오류 (5xx)"),
    "cloud.rate": ("{n}/s", "초당 {n}"),
    "cloud.open": ("Open the page: {url}", "페이지 열기: {url}"),
    "cloud.nourl": ("no address yet", "아직 주소 없음"),
    "cloud.broken": ("It is no longer followed: {error}", "더는 지켜보지 않습니다: {error}"),
    "cloud.ended": (
        "Its cloud has been stopped: this is how it was at last.",
        "클라우드가 멈추었습니다. 이 그림은 마지막 모습입니다.",
    ),
    "cloud.is.Launching": ("being launched", "만드는 중"),
    "cloud.is.Updating": ("being updated", "갱신 중"),
    "cloud.is.Ready": ("nothing going on", "진행 중인 작업 없음"),
    "cloud.is.Terminating": ("being taken down", "없애는 중"),
    "cloud.is.Terminated": ("gone", "없어짐"),
    "cloud.is.Green": ("well", "정상"),
    "cloud.is.Yellow": ("warning", "주의"),
    "cloud.is.Red": ("failing", "장애"),
    "cloud.is.Grey": ("not known yet", "아직 모름"),
    "cloud.is.Pending": ("starts, takes no request yet", "시작 중, 아직 요청을 받지 않음"),
    "cloud.is.InService": ("takes requests", "요청을 받는 중"),
    "cloud.is.OutOfService": ("gets no request", "요청을 받지 못함"),
    "cloud.is.Terminating.one": ("finishes its last requests", "마지막 요청을 처리하는 중"),
}

_SUMMARY = {
    "cloud.sum.launching": (
        "It is being launched: {serving} of {all} instances take requests.",
        "환경을 만드는 중입니다. 인스턴스 {all}개 중 {serving}개가 요청을 받습니다.",
    ),
    "cloud.sum.launching.none": (
        "It is being launched, and has no instance yet.",
        "환경을 만드는 중이고, 인스턴스는 아직 없습니다.",
    ),
    "cloud.sum.rolling": (
        "Two versions at once: {versions}. One after the other is exchanged, so that the page "
        "never goes away.",
        "지금은 두 버전이 함께 있습니다: {versions}. 하나씩 바꾸므로 페이지가 끊기지 않습니다.",
    ),
    "cloud.sum.updating": (
        "It is being updated: {serving} of {all} instances take requests.",
        "환경을 갱신하는 중입니다. 인스턴스 {all}개 중 {serving}개가 요청을 받습니다.",
    ),
    "cloud.sum.scaling": (
        "It scales: {all} instances, {serving} of them take requests.",
        "규모를 조절하는 중입니다. 인스턴스 {all}개 중 {serving}개가 요청을 받습니다.",
    ),
    "cloud.sum.ready": (
        "All is well: {serving} of {all} instances take requests.",
        "정상입니다. 인스턴스 {all}개 중 {serving}개가 요청을 받습니다.",
    ),
    "cloud.sum.ready.one": (
        "All is well: the one instance takes the requests.",
        "정상입니다. 인스턴스 하나가 요청을 모두 받습니다.",
    ),
    "cloud.sum.nobody": (
        "No instance takes requests: visitors get an error (503).",
        "요청을 받는 인스턴스가 없어 방문자는 오류(503)를 봅니다.",
    ),
    "cloud.sum.ill": (
        "{serving} of {all} instances take requests, and something is wrong.",
        "인스턴스 {all}개 중 {serving}개가 요청을 받지만, 문제가 있습니다.",
    ),
    "cloud.sum.ending": (
        "It is being taken down, with all its instances.",
        "환경과 인스턴스를 모두 없애는 중입니다.",
    ),
    "cloud.sum.gone": ("It is gone.", "환경이 없어졌습니다."),
    "cloud.sum.count": ("{version} ({n})", "{version} ({n}개)"),
}

_EVENTS = {
    "cloud.events": ("What happened, newest first", "일어난 일, 최근 것부터"),
    "cloud.events.none": ("Nothing happened yet.", "아직 일어난 일이 없습니다."),
    "cloud.events.left": ("Older ones that are left out: {n}.", "더 오래된 {n}개는 뺐습니다."),
}

_HISTORY = {
    "cloud.history.title": ("How {name} went along", "{name} 환경의 흐름"),
    "cloud.history.desc": (
        "Two charts over the same time: requests a second, and below the instances. {all}",
        "같은 시간을 가로로 둔 두 그래프입니다. 위는 초당 요청 수, 아래는 인스턴스 수입니다. {all}",
    ),
    "cloud.history.errors.most": ("errors (5xx), at most {n}/s", "오류 (5xx), 최대 초당 {n}"),
    "cloud.history.requests": ("requests a second", "초당 요청 수"),
    "cloud.history.instances": ("instances in service", "요청을 받는 인스턴스 수"),
    "cloud.history.all": ("with those that start or end", "시작하거나 끝나는 것까지"),
    "cloud.history.none": ("Nothing was seen yet.", "아직 본 것이 없습니다."),
    "cloud.history.peak": (
        "Requests a second: {first} at first, {peak} at most (after {at} s), {last} at last.",
        "초당 요청 수: 처음 {first}, 최대 {peak}({at}초 뒤), 마지막 {last}.",
    ),
    "cloud.history.errors": (
        "Errors (5xx) a second: {peak} at most.",
        "초당 오류(5xx) 수: 최대 {peak}.",
    ),
    "cloud.history.noerrors": ("No error was seen.", "오류는 없었습니다."),
    "cloud.history.steps": (
        "Instances in service: {all} (allowed: {low} to {high}).",
        "요청을 받는 인스턴스: {all} (허용: {low}~{high}개).",
    ),
    "cloud.history.step": ("{n} after {at} s", "{at}초 뒤 {n}개"),
    "cloud.history.step.first": ("{n} at first", "처음 {n}개"),
    "cloud.history.seconds": ("{n} s", "{n}초"),
    "cloud.history.max": ("maximum", "최대"),
    "cloud.history.min": ("minimum", "최소"),
}

_LOAD = {
    "cloud.load.title": ("{n} requests in {seconds} s", "{seconds}초 동안 요청 {n}개"),
    "cloud.load.desc": (
        "Figures on top; below, a bar for the share of each instance. {all}",
        "위에는 수치, 아래에는 인스턴스별 몫을 나타내는 막대가 있습니다. {all}",
    ),
    "cloud.load.sent": ("sent", "보냄"),
    "cloud.load.failed": ("failed", "실패"),
    "cloud.load.rate": ("a second", "초당"),
    "cloud.load.median": ("median", "중앙값"),
    "cloud.load.slowest": ("slowest", "가장 느림"),
    "cloud.load.shares": ("who answered", "응답한 인스턴스"),
    "cloud.load.share": ("{n} ({percent} %)", "{n}개 ({percent}%)"),
    "cloud.load.say": (
        "{sent} sent, {failed} failed, {rate} a second; median {median} ms, slowest {slowest} ms",
        "보냄 {sent}개, 실패 {failed}개, 초당 {rate}개, 중앙값 {median} ms, 가장 느린 것 "
        "{slowest} ms",
    ),
    "cloud.load.good": ("Each request was answered.", "모든 요청이 응답을 받았습니다."),
    "cloud.load.bad": (
        "{n} of them got no answer, or an error of the server (5xx).",
        "그중 {n}개는 응답이 없거나 서버 오류(5xx)를 받았습니다.",
    ),
    "cloud.load.nobody": ("Nobody answered.", "응답한 인스턴스가 없습니다."),
}

CLOUD = _ENVIRONMENT | _SUMMARY | _EVENTS | _HISTORY | _LOAD
