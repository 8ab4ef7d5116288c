"""The charts, as Vega-Lite: colours, fonts and theme are the page's (script.js), legends are its HTML."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from toolkit.cache import entry, write_entry
from toolkit.errors import InputError
from toolkit.report.columns import ColumnResult
from toolkit.report.names import compressor
from toolkit.results.rows import Baseline
from toolkit.results.text import decimals

ON_ONE_LINE = 4  # columns whose dots can be distinguished on one line
WIDE: dict[str, Any] = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
PER_CHARACTER = "bits per character"
TICKS = 6
NEAREST = 12  # columns that are compared with the best one
TWO_LINES = alt.Axis(labelOffset=-7)  # Vega centres the first line of a label, not the label

Spec = dict[str, Any]

unchecked = partial(debug_mode, False)  # Altair does not check each part of a chart where it is made; tests let it


@cache
def javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) in one script that sets ``vegaEmbed``; nothing is fetched.

    To bundle them takes longer than the rest of a page, so the script is kept in the cache.
    """
    file = entry("charts", f"{version('vl-convert-python')}-{_vega_lite()}.js")
    return _kept(file) or _bundled(file)


def _kept(file: Path) -> str | None:
    """The script in the cache, after its digest; None if it is missing or damaged."""
    try:
        digest, _, script = file.read_text("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return script if script and digest == _digest(script) else None


def _bundled(file: Path) -> str:
    """The script made anew, and kept if the cache can be written: without it, a page takes a second longer."""
    script = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_vega_lite()))
    with suppress(InputError):
        write_entry(file, f"{_digest(script)}\n{script}")
    return script


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode("utf-8")).hexdigest()


def _vega_lite() -> str:
    """Altair's version of Vega-Lite, major and minor."""
    return ".".join(str(alt.SCHEMA_VERSION).removeprefix("v").split(".")[:2])


def inline(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def finished(chart: Any, **size: Any) -> Spec:
    spec: Spec = chart.properties(**WIDE, **size).to_dict(validate=False)  # tests do: it takes half a second
    spec.pop("config", None)  # the page has its own
    return spec


def by_column(columns: Sequence[ColumnResult]) -> Any:
    scale = alt.Scale(domain=[column.name for column in columns], range=[column.colour for column in columns])
    return alt.Color("column:N", scale=scale, legend=None)


def lane(name: str, bits: float) -> str:
    """A label in two lines, since one is too long for a phone.

    >>> lane("char", 1.9876)
    'char\\n1.988'
    """
    return f"{name}\n{decimals(bits)}"


def compressor_lines(baselines: Sequence[Baseline], middle: float) -> list[Any]:
    """A dashed line per compressor, and its name on a line of its own above the lanes, that of the first the lowest.

    A name stands on the left of its line if that is beyond ``middle``, in bits per character, where there is room.
    """
    layers = []
    for i, baseline in enumerate(baselines):
        bits, name = baseline.bits_per_character, compressor(baseline)
        mark = inline([{"bits": bits, "name": name, "label": f"{name} {decimals(bits)}"}])
        tips = [alt.Tooltip("name:N", title="compressor"), alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f")]
        base = alt.Chart(mark).encode(x=alt.X("bits:Q"), tooltip=tips)
        top = -8 - 15 * i
        line = base.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, style="baseline")
        side: dict[str, Any] = {"align": "right", "dx": -5} if bits > middle else {"align": "left", "dx": 5}
        label = base.mark_text(**side, style="baseline-label")
        layers.append(line.encode(y=alt.YValue(top - 6), y2=alt.Y2Value("height")))
        layers.append(label.encode(y=alt.YValue(top), text=alt.Text("label:N")))
    return layers


def zero_line() -> Any:
    """A line where differences are none."""
    return alt.Chart(inline([{"x": 0}])).mark_rule(strokeWidth=1.5, style="zero").encode(x=alt.X("x:Q"))


def interval_tips(number: str = "+.3f") -> list[Any]:
    """What pointing at an interval shows, with numbers in this format."""
    return [
        alt.Tooltip("low:Q", title="95 % interval from", format=number),
        alt.Tooltip("high:Q", title="to", format=number),
    ]


def coverage_axes(units: str, covered: str) -> dict[str, Any]:
    """The axes of a curve: the share of what is ``covered`` by the k most frequent units, k on a log scale."""
    return {
        "x": alt.X(
            "k:Q", title=f"{units} in the vocabulary (log scale)", scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(format="~s", values=[10**i for i in range(8)]),
        ),
        "y": alt.Y(
            "share:Q", title=f"share of held-out {covered} covered", scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5),
        ),
    }  # fmt: skip


def coverage_tips() -> list[Any]:
    """What pointing at a place of such a curve shows."""
    return [alt.Tooltip("k:Q", title="vocabulary", format=","), alt.Tooltip("share:Q", title="covers", format=".1%")]


def from_best(best: str, dots: list[dict[str, Any]], whole: list[dict[str, Any]], tips: list[Any], size: Any) -> Spec:
    """Differences in bits per character from the best column, a line a column, in the order of ``whole``.

    ``dots`` have column, difference and colour each, and what ``tips`` show; ``whole`` has column, difference, low and
    high of the dot above them that is all of it, and of its line.
    """
    names = alt.Y("column:N", sort=[one["column"] for one in whole], title=None)
    difference = alt.X(
        "difference:Q", title=[PER_CHARACTER, f"more than {best}"], axis=alt.Axis(tickCount=TICKS),
        scale=alt.Scale(padding=12),
    )  # fmt: skip
    circles = alt.Chart(inline(dots)).mark_circle(opacity=0.7, yOffset=7).encode(
        x=difference, y=names, color=alt.Color("colour:N", scale=None, legend=None), size=size,
        tooltip=[*tips, alt.Tooltip("column:N"), alt.Tooltip("difference:Q", format="+.3f")],
    )  # fmt: skip
    together = alt.Chart(inline(whole)).encode(
        y=names,
        tooltip=[
            alt.Tooltip("column:N"), alt.Tooltip("difference:Q", title="all documents", format="+.3f"),
            *interval_tips(),
        ],
    )  # fmt: skip
    line = together.mark_rule(strokeWidth=2.5, style="interval", yOffset=-7).encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    point = together.mark_point(filled=True, size=70, opacity=1, style="dot", yOffset=-7).encode(x=difference)
    return finished(alt.layer(zero_line(), circles, line, point), height=44 * len(whole))
