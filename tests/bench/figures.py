"""A figure: what was measured in every round against what, and whether it reaches its goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `value` is the median of the rounds."""

    figure: str
    against: str
    rounds: tuple[float, ...]
    goal: float
    at: Literal["least", "most"] = "least"
    unit: str = "×"
    raw: str = ""
    """What was measured itself, for a reader who distrusts ratios."""

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def reached(self) -> bool:
        return self.value >= self.goal if self.at == "least" else self.value <= self.goal

    @property
    def goal_said(self) -> str:
        return f"{'≥' if self.at == 'least' else '≤'} {self.goal:,g} {self.unit}"

    @property
    def value_said(self) -> str:
        return f"{self.value:,.3g} {self.unit}" if self.value < 1000 else f"{self.value:,.0f} {self.unit}"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Round by round: both were measured within seconds of each other."""
    return tuple(mine / other for mine, other in zip(ours, theirs, strict=True))


def middle(name: str, values: Sequence[float], unit: str) -> str:
    """What one side came to, as a reader sees it."""
    return f"{name} {median(values):,.4g} {unit}"
