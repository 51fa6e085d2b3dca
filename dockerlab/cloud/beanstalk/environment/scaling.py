"""When to add instances and when to take some away: ``aws:autoscaling:trigger``, as a pure rule.

The measure is looked at over and over. When it has been above the upper threshold for as long as
BreachDuration says, instances are added; below the lower one, taken away; and after that nothing
happens for as long as Cooldown says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dockerlab.cloud.beanstalk.options import GROUP, TRIGGER, Settings


@dataclass(frozen=True, slots=True)
class Decision:
    """``change``: instances to add, or with minus to take away. ``reason`` is for an event."""

    change: int
    reason: str


@dataclass(slots=True)
class Scaling:
    """The memory of the rule; times are a monotonic clock's seconds."""

    settings: Settings
    _above: float | None = field(default=None, init=False)
    _below: float | None = field(default=None, init=False)
    _calm_until: float = field(default=0.0, init=False)

    def measure(self, rate: float, latency: float, instances: int) -> float:
        """``rate``: requests a second of all; ``latency``: the median in seconds."""
        if self.settings.text(TRIGGER, "MeasureName") == "Latency":
            return latency
        total = self.settings.text(TRIGGER, "Statistic") == "Sum"
        return rate if total else rate / max(1, instances)

    def decide(self, now: float, value: float, instances: int) -> Decision | None:
        """What to do now, if anything; ``instances`` are those there, also starting ones."""
        settings = self.settings
        upper, lower = (
            settings.decimal(TRIGGER, f"{word}Threshold") for word in ("Upper", "Lower")
        )
        self._above = (self._above or now) if value > upper else None
        self._below = (self._below or now) if value < lower else None
        if now < self._calm_until:
            return None
        for since, word, limit in ((self._above, "Upper", upper), (self._below, "Lower", lower)):
            if since is not None and now - since >= self._breach:
                change = self._within(instances, settings.whole(TRIGGER, _INCREMENT.format(word)))
                return self._acted(now, change, value, word.lower(), limit) if change else None
        return None

    def rest(self, now: float) -> None:
        """Instances came or went: look anew after the cooldown."""
        self._above = self._below = None
        minutes = self.settings.whole(GROUP, "Cooldown") / 60
        self._calm_until = now + self.settings.seconds(minutes)

    @property
    def _breach(self) -> float:
        return self.settings.seconds(self.settings.whole(TRIGGER, "BreachDuration"))

    def _within(self, instances: int, change: int) -> int:
        wanted = max(self.settings.minimum, min(self.settings.maximum, instances + change))
        return wanted - instances

    def _acted(self, now: float, change: int, value: float, word: str, limit: float) -> Decision:
        self.rest(now)
        name = self.settings.text(TRIGGER, "MeasureName")
        side = "above" if word == "upper" else "below"
        return Decision(change, f"{name} was {value:.3g}, {side} the {word} threshold of {limit:g}")


_INCREMENT = "{}BreachScaleIncrement"
