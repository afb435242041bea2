"""Which files gave nothing, and why, counted so that a million of them take no more memory than ten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_REASONS = 40
OTHER_REASONS = "other reasons"


def drop_report(dropped: Mapping[str, str]) -> str:
    """Files that gave nothing, counted by reason, with an example each. dropped: file -> why."""
    counts = DropCounts()
    for name, reason in dropped.items():
        counts.add(name, reason)
    return str(counts)


@dataclass(slots=True)
class DropCounts:
    """Files by the reason they were not used.

    counts: reason -> how many; reasons past the first ``MOST_REASONS`` are counted together.
    examples: reason -> one of the files. listed_in: where every one of them is listed, if anywhere.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    listed_in: str = ""

    def add(self, name: str, reason: str) -> None:
        """Count one file."""
        if reason not in self.counts and len(self.counts) >= MOST_REASONS:
            reason = OTHER_REASONS
        self.counts[reason] = self.counts.get(reason, 0) + 1
        self.examples.setdefault(reason, name)

    @property
    def total(self) -> int:
        """How many files."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        """A line for each reason, the commonest first."""
        if not self.counts:
            return "every file was used"
        where = f" (all in {self.listed_in})" if self.listed_in else ""
        lines = [f"{self.total} files were not used{where}:"]
        for reason, count in sorted(self.counts.items(), key=lambda item: -item[1]):
            lines.append(f"  {count:5d}: {reason} (for example {self.examples[reason]})")
        return "\n".join(lines)
