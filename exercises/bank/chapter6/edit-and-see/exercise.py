from dockerlab.grading.claims.disks import file
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.networks import page
from dockerlab.grading.claims.projects import project, service
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.compose import elsewhere, ports_turned_round, unmounted

PROJECT, IMAGE, SOURCES = "ex6-live", "ex6-live-web", "/usr/src/app/src"
GREETING = f"{SOURCES}/greeting.txt"

exercise = Exercise(
    items=("6.1", "6.3"),
    level=2,
    images=("node",),
    checks=[
        Check("up", project(PROJECT).runs("web"), spots=[ports_turned_round("web", 5602, 8080)]),
        Check("recipe", service("web").is_built(dockerfile="Dockerfile.dev"), needs=["up"]),
        Check(
            "shows",
            service("web").shows("./src", SOURCES),
            points=2,
            needs=["up"],
            spots=[unmounted("web", "src"), elsewhere("web", "src", SOURCES)],
        ),
        Check("edited", file("src/greeting.txt").holds("Hello, live!"), needs=["shows"]),
        Check("page", page(5602).says("Hello, live!"), needs=["edited"], patience=3),
        Check("image", image(IMAGE).holds(GREETING, "Hello from the container!"), needs=["page"]),
    ],
)
