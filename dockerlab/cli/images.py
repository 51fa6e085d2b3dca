"""``dockerlab images``."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterable
from contextlib import suppress

from dockerlab.client.connect import connect
from dockerlab.course.catalog import CATALOG
from dockerlab.course.offline.gather import bundle as write_bundle
from dockerlab.course.offline.load import load as load_bundle
from dockerlab.course.offline.serve import serve as start_serving
from dockerlab.course.prepare import Prepared
from dockerlab.course.prepare import prepare as have
from dockerlab.course.presence import Presence
from dockerlab.formats.text import columns, size


def prepare(options: argparse.Namespace) -> int:
    """Have the course's images in the engine and say where each came from."""
    _print(have(connect(), options.names or None, mirror=options.mirror))
    return 0


def serve(options: argparse.Namespace) -> int:
    """Give the images to a class until Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    address = (options.address, options.port)
    with (
        suppress(KeyboardInterrupt),
        start_serving(connect(), options.names or None, address=address, told=_say) as serving,
    ):
        images = _count(len(serving.offers.images))
        _say(f"{images}, {size(serving.size)} for each learner, at")
        _say(f"    {serving.url}")
        _say(OPEN if serving.open else CLOSED)
        _say(f"The others type:  dockerlab images prepare --from '{serving}'\nCtrl-C ends it.")
        serving.wait()
    return 0


OPEN = """\
Everybody in this network can take these images now, and nothing else of this machine. There is no
password, and nothing is encrypted: the characters after # let the others notice if somebody else
answers in its place. Use it in a network that you know, and end it after the class."""
CLOSED = """\
Only this machine reaches it. For a class, give an address of this machine in its network
(`ip -brief address` lists them): dockerlab images serve --address ADDRESS"""


def _count(images: int) -> str:
    return "1 image" if images == 1 else f"{images} images"


def _say(text: str) -> None:
    print(text, flush=True)


def bundle(options: argparse.Namespace) -> int:
    """Write the images into one file."""
    made = write_bundle(connect(), options.file, options.names or None, wheels=options.wheels)
    images = _count(len(made.images))
    print(f"{options.file}: {images} for {made.platform}, {size(made.size)}")
    if made.python:
        print(
            f"With the Python {made.python[0]} packages: on a machine without internet, in a clone"
            f" of the course,\n    make lab OFFLINE={options.file}"
        )
    return 0


def load(options: argparse.Namespace) -> int:
    """Have the images of a bundle in the engine."""
    _print(load_bundle(connect(), options.file, options.names or None))
    return 0


def _print(images: Iterable[Prepared]) -> None:
    for image in images:
        took = f" ({image.seconds:.1f} s)" if image.seconds >= 0.1 else ""
        print(f"{image.name}: {image.source}{took}")


def list_all(options: argparse.Namespace) -> int:
    """What the course needs, and whether it is there."""
    lab = connect()
    present = Presence(lab.api)
    rows = [
        (
            image.name,
            present.state(image),
            ", ".join(map(str, image.chapters)),
            image.why,
        )
        for image in CATALOG.values()
    ]
    print(columns(("IMAGE", "STATE", "CHAPTERS", "WHAT FOR"), rows))
    return 0
