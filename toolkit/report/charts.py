"""The charts of every page: Vega-Lite of templates/charts.json.j2, drawn by script.js."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from toolkit.results.record import environment

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

TEMPLATES = Path(__file__).parent / "templates"


def chart(name: str, arguments: Mapping[str, Any], **rows: Rows) -> Spec:
    """Return the chart of a macro of charts.json.j2, with its data sets of ``rows``.

    Args:
        arguments: The macro's arguments. ``colours`` become the domain and the range of a scale.
    """
    if colours := arguments.get("colours"):
        arguments = {**arguments, "colours": {"domain": list(colours), "range": list(colours.values())}}
    spec: Spec = json.loads(getattr(_macros(), name)(**arguments))
    return {**spec, "datasets": rows}


@cache
def _macros() -> jinja2.environment.TemplateModule:
    return environment(TEMPLATES).get_template("charts.json.j2").module
