"""What the columns were given: what ``--match`` made equal, and what is then unequal."""

from dataclasses import dataclass
from typing import Any

from toolkit.report.columns import Results
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.differing import differing, shown
from toolkit.results.resources import RESOURCES, SECONDS, Resource, by_column, match_of, outcome
from toolkit.results.text import ABSENT, count, decimals, seconds


@dataclass(frozen=True)
class Amount:
    """How much of a resource a column was given, and this as a multiple of what the first column was given."""

    text: str
    times: str
    equal: bool  # whether it was made equal


def _amounts(comparison: Comparison, resource: Resource) -> list[Amount]:
    """The amount of each column."""
    amounts = by_column(comparison, resource)
    first = next(iter(amounts.values()), None)
    show = seconds if resource is SECONDS else count
    return [
        Amount(
            show(amount),
            ABSENT if amount is None or not first else f"× {decimals(amount / first, 2)}",
            equal=resource.match is not None and comparison.by_column[name][0].matched == resource.match,
        )
        for name, amount in amounts.items()
    ]


def _shows(results: Results) -> dict[str, Any]:
    comparison, columns = results.comparison, results.columns
    by_resource = [_amounts(comparison, resource) for resource in RESOURCES]
    amounts = list(zip(columns, zip(*by_resource, strict=True), strict=True)) if columns else []
    return {
        "resources": [(resource, resource.match is not None and resource.match == match_of(comparison))
                      for resource in RESOURCES],
        "resources_given": amounts,
        "resources_outcome": outcome(comparison) if len(columns) > 1 else "",
        "settings_apart": {key: [ABSENT if value is None else shown(value) for value in values.values()]
                           for key, values in differing(comparison).items()},
    }  # fmt: skip


SECTION = Section("Resources", _shows)
