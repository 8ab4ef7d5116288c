"""The charts, as Vega-Lite: colours, fonts and theme are the page's (script.js), legends are its HTML."""

from functools import cache
from typing import Any

import altair as alt
import vl_convert

from toolkit.report.columns import ColumnResult

ON_ONE_LINE = 4  # columns whose dots can be distinguished on one line
WIDE: dict[str, Any] = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
PER_CHARACTER = "bits per character"
TICKS = 6
TWO_LINES = alt.Axis(labelOffset=-7)  # Vega centres the first line of a label, not the label

Spec = dict[str, Any]


@cache
def javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) in one script that sets ``vegaEmbed``; nothing is fetched."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_vega_lite()))


def _vega_lite() -> str:
    """Altair's version of Vega-Lite, major and minor."""
    return ".".join(str(alt.SCHEMA_VERSION).removeprefix("v").split(".")[:2])


def inline(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def finished(chart: Any, **size: Any) -> Spec:
    spec: Spec = chart.properties(**WIDE, **size).to_dict(validate=False)  # tests do: it takes half a second
    spec.pop("config", None)  # the page has its own
    return spec


def by_column(columns: list[ColumnResult]) -> Any:
    scale = alt.Scale(domain=[column.name for column in columns], range=[column.colour for column in columns])
    return alt.Color("column:N", scale=scale, legend=None)
