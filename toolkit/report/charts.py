"""Charts as static SVG: in a file, and on a page, whose places are in per cent, so that letters keep their size."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from markupsafe import Markup

from toolkit.errors import InputError, unknown
from toolkit.files import write_file
from toolkit.results import record
from toolkit.results.text import count, decimals, rounded_count

Mark = dict[str, Any]  # a lane, a line, or a mark of one
Form = Callable[[float], str]

TEMPLATES = Path(__file__).parent / "templates"
MARGIN = 2.0  # per cent of the width on either side, so that a dot at the end is whole
STEPS = (1, 2, 2.5, 5, 10)  # of ticks, times a power of ten
MAX_TICKS = 5
COLUMN_WIDTH = 336.0  # pixels of a figure, 96 an inch
SCALE = 0.73  # of a figure's letters: 13 pixels become 7 points
EDGE = 10.0  # around a figure, before scaling
DOTS_PER_INCH = 300  # of a PNG
KINDS = (".svg", ".pdf", ".png")
CONVERTER = "vl_convert"
INSTALL = 'Run: python -m pip install "vl-convert-python>=1.7"'
NAMED_EDGE = 20.0  # per cent of the width in which a name begins or ends at its dot


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high`` with the values and labels of its ticks; ``form`` writes other values."""

    low: float
    high: float
    ticks: list[tuple[float, str]]
    title: str
    log: bool
    form: Form

    def place(self, value: float) -> float:
        """Return the place of a value in per cent of the axis. A value beyond its ends has the place of the end."""
        low, high = (math.log(end) if self.log else end for end in (self.low, self.high))
        share = ((math.log(value) if self.log else value) - low) / (high - low)
        return round(MARGIN + (100 - 2 * MARGIN) * min(1.0, max(0.0, share)), 2)


def axis(
    values: Iterable[float],
    title: str,
    form: Form | None = None,
    *,
    signed: bool = False,
    log: bool = False,
) -> Axis:
    """Return an axis over the values, with at most about five ticks.

    Args:
        values: Numbers that the axis includes.
        title: The quantity with its unit.
        form: The text of a number; by default as many decimals as the ticks need.
        signed: Write a plus before positive numbers, and "same" for zero.
        log: Use a logarithmic scale.
    """
    numbers = list(values)
    low, high = min(numbers), max(numbers)
    if log:
        high = high if high > low else 10 * low
        ticks = _log_ticks(low, high)
        step = 1.0
    else:
        high = high if high > low else low + (abs(low) or 1.0)
        step = _step(high - low)
        ticks = [i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    power = math.floor(math.log10(step) + 1e-9)
    places = max(0, -power + (round(step / 10**power, 6) == 2.5))

    def default(value: float) -> str:
        if log or (high >= 10_000 and 100 * step >= high):  # with three digits, ticks stay distinct
            return rounded_count(value)
        if signed and round(value, places) == 0:
            return "same"
        return ("+" if signed and value > 0 else "") + decimals(value, places)

    labels = [(tick, (form or default)(tick)) for tick in ticks]
    return Axis(low, high, labels, title, log, form or exact)


def exact(value: float) -> str:
    """Return a number for a tooltip: whole from 1,000, else with three decimals."""
    return count(value) if abs(value) >= 1000 or float(value).is_integer() else decimals(value)


def _step(length: float) -> float:
    power = 10.0 ** math.floor(math.log10(length / MAX_TICKS))
    return next(power * step for step in STEPS if length / (power * step) <= MAX_TICKS)


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten, or 1, 2 and 5 times these where fewer than two are between the ends."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 2, 5), range(1, 10)):
        ticks = [digit * 10.0**power for power in powers for digit in digits]
        inside = [tick for tick in ticks if low <= tick <= high * (1 + 1e-9)]
        if len(inside) > 1:
            return inside
    return [low, high]


@dataclass(frozen=True)
class Chart:
    """A chart with its title, the colour of each name in it, and numbers for exports: headings, then a row per mark.

    ``draw`` writes it with the macros of charts.svg.j2. A notebook shows it.
    """

    title: str
    draw: Callable[[Any], str]
    numbers: list[list[Any]]
    legend: Mapping[str, str]

    @cached_property
    def svg(self) -> Markup:
        """The chart as a part of a page, as wide as its place."""
        return Markup(self.draw(_macros()))

    def to_svg(self, width: float = COLUMN_WIDTH, pixels_per_inch: float = 96) -> str:
        """Return the chart as a file, with its title above and the names of its colours below.

        Args:
            width: In pixels, 96 an inch; by default that of a column of a paper. The letters keep their size.
            pixels_per_inch: Of the file: 72 for programs that take a pixel for a point.
        """
        return self.draw(_macros(width / SCALE - 2 * EDGE, SCALE * pixels_per_inch / 96))

    _repr_svg_ = to_svg

    def save(self, path: str | Path, width: float = COLUMN_WIDTH) -> None:
        """Write ``to_svg`` as ``.svg``, ``.pdf`` or ``.png``, as the name of the file ends.

        Raises InputError for another ending, or if the package that converts SVG is missing.
        """
        file = Path(path)
        if file.suffix not in KINDS:
            raise unknown("kind of figure", file.suffix, KINDS)
        if file.suffix == ".svg":
            write_file(file, self.to_svg(width))
            return
        if not find_spec(CONVERTER):
            raise InputError(f"{file.suffix} needs another package. {INSTALL}")
        import vl_convert

        svg = self.to_svg(width, pixels_per_inch=72)
        is_pdf = file.suffix == ".pdf"
        write_file(file, vl_convert.svg_to_pdf(svg) if is_pdf else vl_convert.svg_to_png(svg, ppi=DOTS_PER_INCH))


def lanes_chart(
    title: str,
    x: Axis,
    lanes: Sequence[Mark],
    legend: Mapping[str, str] | None = None,
    **more: Any,
) -> Chart:
    """Return horizontal lanes of dots, bars, lines and bands, each below its label.

    Args:
        title: The question that the chart answers.
        x: The axis of all lanes.
        lanes: The label of each, and marks by kind: ``dots``, ``bars``, ``band``, ``span``. Values are of the axis.
        legend: The colour of each name, where lanes do not name them.
        more: ``zero``: the value of a line through all lanes; ``lines``: values with labels; ``ends``: what lies left
            and right.
    """
    colours, numbers = legend or {}, [["group", "name", x.title]]
    for lane in lanes:
        marks = [(m["name"], m.get("width", m["x"])) for m in (*lane.get("dots", ()), *lane.get("bars", ()))]
        ends = zip(("low", "high"), lane.get("band", ()), strict=False)
        numbers += [[lane["label"], *pair] for pair in (*marks, *ends)]
    return Chart(title, lambda macros: str(macros.lanes(title, x, lanes, colours, **more)), numbers, colours)


def lines_chart(
    title: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Mark],
    legend: Mapping[str, str] | None = None,
    **more: Any,
) -> Chart:
    """Return a line of points (x, y) per entry, in its colour, and the ``marks`` of ``more`` at their x and y."""
    colours = legend or {}
    numbers = [["name", x.title, y.title]]
    numbers += [[line["name"], *point] for line in lines for point in line.get("dots") or line["points"]]
    numbers += [[mark["name"], mark["x"], mark["y"]] for mark in more.get("marks", ())]
    return Chart(title, lambda macros: str(macros.lines(title, x, y, lines, colours, **more)), numbers, colours)


def anchor(place: float, edge: float = NAMED_EDGE) -> str:
    """Return the SVG anchor that keeps a text at a place, in per cent, inside the chart."""
    return "start" if place < edge else "end" if place > 100 - edge else "middle"


@cache
def _macros(canvas: float | None = None, scale: float = 1.0) -> Any:
    templates = record.environment(TEMPLATES, autoescape=True)
    templates.globals["anchor"] = anchor
    return templates.get_template("charts.svg.j2").make_module({"canvas": canvas, "scale": scale})
