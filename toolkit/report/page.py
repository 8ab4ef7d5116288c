"""The pages of a comparison and of an inspection, and the frame and filters of every page. They load nothing."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup
from pydantic_core import to_json

from toolkit.config import flat
from toolkit.environment import VERSION
from toolkit.report import columns, explorer, ledger, verdict
from toolkit.report.charts import TEMPLATES, Rows, Spec, chart
from toolkit.report.columns import Results, colour
from toolkit.report.explorer import blind, passages
from toolkit.results import comparison as resources
from toolkit.results import record
from toolkit.results.cell import ppmd
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import Coverage
from toolkit.results.inspection import Inspection
from toolkit.results.text import cut, thinned

SCRIPTS = ("script.js", "explorer.js", "tables.js", "blind.js")
VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})
COVERAGE_POINTS = 200
CELL_CHECKS, CHECKS = 200, 2_400  # charted of one cell and of all: the browser draws each as a mark, twice
Facts = dict[str, Any]


def render(comparison: Comparison) -> str:
    """Return one self-contained HTML file; it loads nothing, and escapes every text of the corpus and the models."""
    results = Results(comparison)
    sections = {name: facts for name, (_, build) in SECTIONS.items() if (facts := build(results)) is not None}
    specs = {name: spec for facts in sections.values() for name, spec in facts.get("charts", {}).items()}
    payload = {name: value for facts in sections.values() for name, value in facts.get("data", {}).items()}
    template = environment().get_template("report.html.j2")
    return template.render(
        results=results,
        comparison=comparison,
        seeds=list(dict.fromkeys(cell.seed for cell in comparison.full)),
        titles={name: SECTIONS[name][0] for name in sections},
        sections=sections,
        charts=specs,
        ppmd=ppmd,
        resources=resources,
        table=columns,
        thinned=thinned,
        **frame({"charts": specs} | payload),
    )


def render_inspection(inspection: Inspection) -> str:
    """Return the page of an inspection, a self-contained HTML file that escapes every text of the corpus."""
    specs = {"coverage": _coverage_chart(inspection.coverage)}
    template = environment().get_template("inspection.html.j2")
    return template.render(
        inspection=inspection,
        colours=list(map(colour, range(len(inspection.columns)))),
        names=columns,
        charts=specs,
        **frame({"charts": specs}),
    )


@cache
def environment(*folders: Path) -> jinja2.Environment:
    """Return the templates of these folders and of the report; they escape every value, and reject unknown names."""
    templates = record.environment(*folders, TEMPLATES, TEMPLATES.parent, autoescape=True)
    templates.filters |= {f.__name__: f for f in (flattened, moment, spaced, unbroken, visible, whole_words)}
    return templates


def frame(payload: Mapping[str, Any]) -> Facts:
    """Return the style and scripts of base.html.j2 for a page whose scripts read ``payload``."""
    script = "".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS)
    vega = vega_script()
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (vega, script))
    return {
        "style": Markup((TEMPLATES / "style.css").read_text("utf-8")),
        "version": VERSION,
        "payload": embedded_json(payload),
        "script": Markup(script),
        "vega": base64.b64encode(gzip.compress(vega.encode(), mtime=0)).decode(),  # script.js unpacks it
        "policy": " ".join(f"'sha256-{digest}'" for digest in digests),  # the browser runs only these
    }


@cache
def vega_script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) in one script that sets ``vegaEmbed``."""
    newest = vl_convert.get_vegalite_versions()[-1]
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=newest))


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


def _no_facts(_: Results) -> Facts:
    return {}


def _learning(results: Results) -> Facts:
    """Return the cells with their checks of training, the charts of them, and their data set."""
    cells = [cell for column in results.columns for cell in column.cells if cell.history]
    points = min(CELL_CHECKS, max(20, CHECKS // max(1, len(cells))))
    history: Rows = []
    for cell in cells:
        for row in thinned(cell.history, points):
            place = {
                "column": cell.column,
                "seed": cell.seed,
                "x": row.characters_seen,
                "t": round(row.seconds, 2),
            }
            history.append(place | {"v": round(row.valid_bits_per_character, 4)})
    if not history:
        return {"cells": [], "data": {"history": []}}
    bits = sorted(row["v"] for row in history)
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]  # a steep start may extend beyond the top
    pad = 0.06 * (usual - bits[0]) or 0.1
    arguments = {"colours": results.colours, "frame": [bits[0] - pad, min(bits[-1], usual) + pad]}
    specs = {
        f"learning-{over}": chart("learning", arguments | {"over": over}) for over in ("characters", "seconds")
    }
    return {"cells": cells, "charts": specs, "data": {"history": history}}


def _coverage(results: Results) -> Facts:
    return {"charts": {"coverage": _coverage_chart(results.comparison.corpus.coverage)}}


def _coverage_chart(coverage: Coverage) -> Spec:
    points = [{"k": k, "share": round(share, 5)} for k, share in thinned(coverage.curve, COVERAGE_POINTS)]
    return chart("coverage", {}, points=points)


# Sections in their order: the name in the navigation, and the function that returns the facts of its template, with
# charts by the id of their place and data for the page's script; None where the comparison lacks the subject.
SECTIONS: dict[str, tuple[str, Callable[[Results], Facts | None]]] = {
    "verdict": ("Verdict", verdict.verdict),
    "documents": ("Documents", verdict.documents),
    "folds": ("Folds", verdict.folds),
    "compared": ("Compared", _no_facts),
    "sweep": ("Sweep", verdict.sweeps),
    "scaling": ("More text", verdict.scaling),
    "columns": ("Columns", _no_facts),
    "resources": ("Resources", _no_facts),
    "ledger": ("Ledger", ledger.ledger),
    "noise": ("Noise", verdict.noise),
    "learning": ("Learning", _learning),
    "coverage": ("Coverage", _coverage),
    "passages": ("Explorer", passages),
    "samples": ("Samples", explorer.samples),
    "blind": ("Author?", blind),
    "provenance": ("Provenance", _no_facts),
}
