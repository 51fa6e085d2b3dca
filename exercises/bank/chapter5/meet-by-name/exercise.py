from dockerlab.grading.claims.containers import container, containers
from dockerlab.grading.claims.networks import is_apart, network, port, reaches
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.networks import (
    default_bridge,
    different_networks,
    published_instead,
)

NET, STORE, CLIENT, GUEST, REDIS = "ex5-net", "ex5-redis", "ex5-client", "ex5-guest", 6379

exercise = Exercise(
    items=("5.2",),
    level=1,
    images=("redis", "busybox"),
    checks=[
        Check("network", network(NET).exists()),
        Check(
            "meets",
            reaches(CLIENT, STORE, REDIS),
            points=2,
            spots=[
                published_instead(STORE, NET),
                default_bridge(STORE, CLIENT),
                different_networks(CLIENT, STORE),
            ],
            patience=2,
        ),
        Check("apart", is_apart(GUEST, STORE, REDIS)),
        Check(
            "no-door", port(STORE, REDIS).is_closed(), needs=["meets"],
            spots=[published_instead(STORE)],
        ),
        Check("store", container(STORE).is_of("redis"), needs=["meets"]),
        Check("visitors", containers(CLIENT, GUEST).are_of("busybox"), needs=["meets", "apart"]),
        Check("sleep", containers(CLIENT, GUEST).start("sleep", "3600"), needs=["visitors"]),
    ],
)  # fmt: skip
