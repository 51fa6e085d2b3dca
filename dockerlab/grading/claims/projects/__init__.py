"""Claims of projects: the compose file, what runs of it, and the files of a CI."""

from __future__ import annotations

from dockerlab.grading.claims.projects.composefiles import compose_file, service
from dockerlab.grading.claims.projects.deliveries import delivery
from dockerlab.grading.claims.projects.pipelines import travis, workflow
from dockerlab.grading.claims.projects.running import project

__all__ = ["compose_file", "delivery", "project", "service", "travis", "workflow"]
