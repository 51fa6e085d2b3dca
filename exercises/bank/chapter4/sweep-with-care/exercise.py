from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks import volume
from dockerlab.grading.claims.looking.facts import container_facts, volume_facts
from dockerlab.grading.exercise import Check, Claim, Exercise
from dockerlab.grading.outcome import Finding, absent
from dockerlab.grading.spots.volumes import still_used

CACHE, LOGS, LETTERS, LEDGER, SHOP = (
    f"ex4-{name}" for name in ("cache", "logs", "letters", "ledger", "shop")
)
NOTES = "notes.txt"


def swept(name: str) -> Claim:
    """The volume is gone, and it was there: without the mess, all is clean from the beginning."""
    gone = volume(name).is_gone()

    def look(bench: Bench) -> Finding:
        kept = [volume_facts(bench, LETTERS), volume_facts(bench, LEDGER)]
        if any([*kept, container_facts(bench, SHOP)]):
            return gone.look(bench)
        return absent("volume.absent", volume=LEDGER)

    return Claim(gone.says, look)


exercise = Exercise(
    items=("4.7",),
    level=2,
    images=("node",),
    checks=[
        Check("cache", swept(CACHE)),
        Check("logs", swept(LOGS), points=2, spots=[still_used(LOGS)]),
        Check("letters", volume(LETTERS).holds(NOTES, "Dear Ada"), needs=["cache", "logs"]),
        Check("ledger", volume(LEDGER).holds(NOTES, "sold: 41"), needs=["cache", "logs"]),
        Check("shop", volume(LEDGER).is_mounted(SHOP, "/data"), needs=["ledger"]),
    ],
)
