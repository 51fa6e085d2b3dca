"""Claims of images: what they are, how they are built, what a container of them does."""

from __future__ import annotations

from dockerlab.grading.claims.images.builds import build, result
from dockerlab.grading.claims.images.originals import original
from dockerlab.grading.claims.images.properties import image
from dockerlab.grading.claims.images.recipes import recipe
from dockerlab.grading.claims.images.secrets import secret
from dockerlab.grading.claims.images.trials import trial

__all__ = ["build", "image", "original", "recipe", "result", "secret", "trial"]
