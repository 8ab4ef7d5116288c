"""The charts of a comparison's page by name, and their files for a paper."""

from importlib.util import find_spec
from pathlib import Path

from toolkit.errors import unknown
from toolkit.report import why
from toolkit.report.charts import CONVERTER, KINDS, Chart
from toolkit.report.columns import Results
from toolkit.results.comparison import Comparison


def charts(results: Results) -> dict[str, Chart]:
    """Return every chart of the page by name."""
    comparison = results.comparison
    has_columns = bool(results.columns)
    has_more = len(results.columns) > 2 or bool(comparison.rows) or comparison.folds is not None
    vocabularies = [
        (column.name, column.colour, column.first.vocabulary_size, column.first.coverage.held_out.whole)
        for column in results.columns
    ]
    by_name = {
        "ranking": why.ranking(results) if comparison.answering[0] and has_more else None,
        "documents": why.documents(results) if has_columns else None,
        "bits": why.bill(results) if has_columns else None,
        "bands": why.bands(results) if has_columns else None,
        "parts-of-speech": why.speech_chart(results),
        "noise": why.noise(results)[0],
        "learning": why.learning(results),
        "scaling": why.scaling(results) if has_columns and comparison.corpus.fractions else None,
        "curve": why.curve(comparison.corpus.coverage, vocabularies),
    }
    return {name: chart for name, chart in by_name.items() if chart}


def figure(comparison: Comparison, name: str) -> Chart:
    """Return a chart of the comparison's page. Raises InputError if it has none with this name."""
    by_name = charts(Results(comparison))
    if name not in by_name:
        raise unknown("figure", name, by_name)
    return by_name[name]


def save_figures(comparison: Comparison, folder: Path) -> list[Path]:
    """Save every chart of the page as SVG and, if its converter is installed, as PDF. Return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    by_name = charts(Results(comparison))
    kinds = KINDS[: 2 if find_spec(CONVERTER) else 1]
    files = {folder / f"{name}{kind}": chart for name, chart in by_name.items() for kind in kinds}
    for file, chart in files.items():
        chart.save(file)
    return list(files)
