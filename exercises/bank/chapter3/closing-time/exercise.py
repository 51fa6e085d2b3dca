from dockerlab.grading.claims.images import image, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import shell_form_cmd, single_quotes, two_cmds

SHOP = "ex3/shop"

exercise = Exercise(
    items=("3.2",),
    level=3,
    images=("alpine",),
    checks=[
        Check("image", image(SHOP).exists()),
        Check("script", image(SHOP).holds("/shop.sh", "closed"), needs=["image"]),
        Check(
            "closes",
            trial(SHOP, within=4.0).heeds_stop(ready="open"),
            points=3,
            needs=["script"],
            spots=[two_cmds(), single_quotes(), shell_form_cmd(SHOP)],
        ),
    ],
)
