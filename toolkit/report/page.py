"""The pages of a comparison and of an inspection, their charts, and the frame and filters of every page."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from pydantic_core import to_json

from toolkit.config import flat
from toolkit.environment import VERSION
from toolkit.errors import unknown
from toolkit.report import columns, explorer, why
from toolkit.report.charts import CONVERTER, KINDS, TEMPLATES, Chart
from toolkit.report.columns import Results
from toolkit.results import comparison as resources
from toolkit.results import record
from toolkit.results.cell import Cell, FailedCell, ppmd
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import Inspection
from toolkit.results.text import cut

Links = Mapping[str, Comparison | Inspection | None]  # by the name of a folder beside the page's
SCRIPTS = ("page.js", "explorer.js", "blind.js")
SECTIONS = ("answer", "text", "coverage", "explorer", "why", "details")
VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})


def render(comparison: Comparison, links: Links | None = None, *, has_text: bool = True) -> str:
    """Return one self-contained HTML file; it loads nothing, and escapes every text of the corpus and the models.

    ``links`` are inspections of the same text. Without ``has_text`` it has no passage and no word of the corpus, no
    samples and no links. The names of documents stay.
    """
    results = Results(comparison if has_text else without_text(comparison))
    passages = explorer.blind(results)
    by_name = charts(results)
    template = environment().get_template("report.html.j2")
    return template.render(
        results=results,
        comparison=results.comparison,
        seeds=list(dict.fromkeys(cell.seed for cell in comparison.full)),
        sections=SECTIONS,
        has_text=has_text,
        links=links if links and has_text else {},
        charts=by_name,
        cards=explorer.written_cards(results),
        blind=passages,
        noise=why.noise(results)[1],
        explorer=explorer,
        readers=explorer.readers(results),
        why=why,
        ppmd=ppmd,
        resources=resources,
        table=columns,
        **frame(by_name, {"explorer": explorer.explorer(results), "blind": passages}),
    )


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


def without_text(comparison: Comparison) -> Comparison:
    """Return the comparison without any passage or word of the corpus, and without samples."""
    cells: list[Cell | FailedCell] = [*comparison.failed]
    for cell in comparison.done:
        coverage = cell.coverage.model_copy(update={"classes": []})
        cells.append(cell.model_copy(update={"generated": None, "coverage": coverage}))
    corpus = comparison.corpus.model_copy(
        update={"uncovered": comparison.corpus.uncovered.model_copy(update={"examples": []})}
    )
    return comparison.model_copy(update={"cells": cells, "corpus": corpus, "passages": [], "author_passages": []})


def render_inspection(inspection: Inspection, links: Links | None = None) -> str:
    """Return the page of an inspection, a self-contained HTML file that escapes every text of the corpus.

    ``links`` are comparisons of the same text.
    """
    colours = columns.colours({c.column: (c.tokenizer, c.strategy, c.model) for c in inspection.columns})
    vocabularies = [
        (column.column, colours[column.column], column.vocabulary_size, column.coverage.held_out.whole)
        for column in inspection.columns
    ]
    charts = {"curve": why.curve(inspection.corpus.coverage, vocabularies)}
    template = environment().get_template("inspection.html.j2")
    facts = {
        "inspection": inspection,
        "colours": colours,
        "names": columns,
        "charts": charts,
        "links": links or {},
    }
    return template.render(**facts, **frame(charts))


def render_list(records: Links, states: Mapping[str, str], commands: Mapping[str, str]) -> str:
    """Return the list of a folder's comparisons, each with its state, and inspections.

    ``commands`` are those that continue the ones without results.
    """
    template = environment().get_template("list.html.j2")
    return template.render(records=records, states=states, commands=commands, **frame({}))


@cache
def environment(*folders: Path) -> jinja2.Environment:
    """Return the templates of these folders and of the report; they escape every value, and reject unknown names."""
    templates = record.environment(*folders, TEMPLATES, TEMPLATES.parent, autoescape=True)
    templates.filters |= {f.__name__: f for f in (flattened, moment, spaced, unbroken, visible, whole_words)}
    return templates


def frame(charts: Mapping[str, Chart], payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the style and scripts of base.html.j2 for a page with these charts, whose scripts read ``payload``."""
    script = "".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    numbers = {
        name: {"title": chart.title, "numbers": chart.numbers, "legend": list(chart.legend.items())}
        for name, chart in charts.items()
    }
    return {
        "style": Markup((TEMPLATES / "style.css").read_text("utf-8")),
        "version": VERSION,
        "payload": embedded_json({"charts": numbers, **(payload or {})}),
        "script": Markup(script),
        "policy": f"'sha256-{digest}'",  # the browser runs only this
    }


def embedded_json(value: Any) -> Markup:
    """Return JSON that cannot end a script element or begin a comment in it; NaN and infinity become null."""
    text = to_json(value, inf_nan_mode="null").decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def moment(created: str) -> str:
    """Return a moment in ISO 8601 as "14 November 2026, 09:41 UTC"."""
    parsed = datetime.fromisoformat(created)
    return f"{parsed.day} {parsed:%B %Y, %H:%M %Z}".strip()


def whole_words(command: str) -> Markup:
    """Return a command whose words stay on one line each where they fit: browsers break lines after any hyphen."""
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(word) for word in command.split(" "))


def unbroken(text: str) -> str:
    """Return the text with no line end between a number and its unit or sign, or around ±.

    >>> unbroken("0.1 ± 0.2 in 95 % of 3 seeds, × 1.5").replace("\\xa0", "~")
    '0.1~±~0.2 in 95~% of 3~seeds, ×~1.5'
    """
    return re.sub(r"(?<=\d) (?=(?:s|%|seeds?)(?!\w))| (?=± )|(?<=[±×]) ", "\xa0", text)


def spaced(text: str) -> str:
    """Return the text with a sign for every space, tab and line end."""
    return text.translate(VISIBLE)


def visible(text: str) -> str:
    """Return white space as signs, and any other text as it is."""
    return spaced(text) if text.isspace() else text


def flattened(settings: dict[str, Any]) -> list[tuple[str, str]]:
    """Return nested settings as dotted keys and their values as text."""
    return [
        (key, cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), 500))
        for key, value in flat(settings).items()
    ]
