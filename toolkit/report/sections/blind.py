"""Author or machine: passages to be told apart, by this reader and by others."""

from typing import Any

from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.blind import hidden, tally
from toolkit.results.comparison import Comparison


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    passages = hidden(comparison)
    return {
        "blind": {
            "passages": len(passages),
            "author": sum(passage.writer not in comparison.columns for passage in passages),
            "tally": tally(comparison.votes, [column.name for column in columns]),
            "votes": len(comparison.votes),
        }
    }


def _data(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:  # noqa: ARG001
    passages = [[passage.text, passage.writer] for passage in hidden(comparison)]
    return {"blind": {"corpus": comparison.corpus.sha256, "passages": passages}}


SECTION = Section("Author?", _shows, data=_data, there=lambda comparison: bool(hidden(comparison) or comparison.votes))
