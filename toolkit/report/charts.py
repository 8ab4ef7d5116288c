"""The charts of every page, as Vega-Lite: the page has their colours, fonts and legends (script.js, style.css)."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.results.text import decimals

Spec = dict[str, Any]
Rows = list[dict[str, Any]]
Colours = Mapping[str, str]  # by column, part, band, unit or network

WIDE: Spec = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
PER_CHARACTER = "bits per character"
ACCURACY = "held-out characters right"
BITS_TIP = ("bits", PER_CHARACTER, ".3f")
INTERVAL_TIPS = (("low", "95 % interval from", "+.3f"), ("high", "to", "+.3f"))
ACCURACY_TIP = ("accuracy", ACCURACY, ".1%")
TEXT_TIP = ("characters", "training text", ",")
COVERAGE_TIPS = (("k", "vocabulary", ","), ("share", "covers", ".1%"))
SIX_TICKS, FIVE_TICKS = {"tickCount": 6}, {"tickCount": 5}
PERCENT, SHORT = {"format": "%", **FIVE_TICKS}, {"format": "~s", **FIVE_TICKS}
TENS = {"format": "~s", "values": [10**i for i in range(9)]}
LOG = {"type": "log", "nice": False}
TWO_LINES = {"labelOffset": -7}  # Vega centres the first line of a label, not the label
INTERVAL: Spec = {"type": "rule", "strokeWidth": 2.5, "style": "interval"}
POINT: Spec = {"type": "point", "filled": True, "opacity": 1}
DOT: Spec = {**POINT, "style": "dot"}
ZERO: Spec = {"type": "rule", "strokeWidth": 1.5, "style": "zero"}
BASELINE: Spec = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "style": "baseline"}
HIGH = {"field": "high"}
SHAPES = {"ensemble": "diamond", "adapting": "triangle-right", "adapting ensemble": "square", "mixture": "cross"}
LABEL_HEIGHT = 15  # px between the names of two compressors
ROW_OFFSET = 9  # px from the centre of a lane down to the marks of ensembles and adapting models
DARKEST_QUANTILE = 0.8  # of the differences from the best column: the darkest shade begins there
FONT_SIZE_IF_ROOM = {"expr": "bandwidth('x') < 34 ? 0 : 11"}  # px of the numbers in a field of shades
BOLD_IF_BEST = {"expr": "datum.apart ? 400 : 700"}
LOG_SCALE_RATIO = 8  # of the largest to the smallest value of a sweep; beyond it the scale is logarithmic


def _number(name: str, title: Any = "", **more: Any) -> Spec:
    return {"field": name, "type": "quantitative", **({"title": title} if title else {}), **more}


def _category(name: str, title: Any = "", **more: Any) -> Spec:
    return {**_number(name, title, **more), "type": "nominal"}


def _tips(*fields: str | tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Return tooltips: a name or (name, title) of a nominal field, or (name, title, format) of a number."""
    triples = [(field, "", "") if isinstance(field, str) else (*field, "")[:3] for field in fields]
    return [_number(name, title, format=form) if form else _category(name, title) for name, title, form in triples]


def _layer(mark: Spec, rows: Rows | None = None, **encoding: Any) -> Spec:
    return {**({} if rows is None else {"data": {"values": rows}}), "mark": mark, "encoding": encoding}


ZERO_LINE = _layer(ZERO, [{"x": 0}], x=_number("x"))
COLOUR = _category("colour", scale=None, legend=None)
TEXT_AXIS: Spec = {"scale": {**LOG, "padding": 12}, "axis": {**SHORT, "grid": False}}
TRAINING_TEXT = _number("characters", "characters of training text (log scale)", **TEXT_AXIS)


def _layered(parts: list[Spec], height: int, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return a chart of layers that share rows and encoding, as wide as its place on the page."""
    shared = {} if rows is None else {"data": {"values": rows}}
    return {**shared, "encoding": encoding, "layer": parts, **WIDE, "height": height}


def _coloured(colours: Colours, name: str = "column") -> Spec:
    return _category(name, scale={"domain": list(colours), "range": list(colours.values())}, legend=None)


def lane(name: str, bits: float) -> str:
    """Return a label in two lines, since one is too long for a phone."""
    return f"{name}\n{decimals(bits)}"


def _lanes(name: str, order: list[str], axis: Spec | None = None) -> Spec:
    return _category(name, sort=order, axis={**(axis or {}), "title": None})


def _coverage_axes(units: str, covered: str) -> dict[str, Spec]:
    share: Spec = {"title": f"share of held-out {covered} covered", "scale": {"domain": [0, 1]}, "axis": PERCENT}
    x = _number("k", f"{units} in the vocabulary (log scale)", scale=LOG, axis=TENS)
    return {"x": x, "y": _number("share", **share)}


def coverage(rows: Rows) -> Spec:
    """Draw the share of held-out tokens in the k most frequent types: k and share of each point."""
    line = _layer({"type": "line", "strokeWidth": 2, "style": "coverage"})
    circles = _layer({"type": "circle", "size": 22, "opacity": 1, "style": "coverage"})
    return _layered([line, circles], 260, rows, **_coverage_axes("tokens", "tokens"), tooltip=_tips(*COVERAGE_TIPS))


def coverage_curves(rows: Rows, colours: Colours) -> Spec:
    """Draw the share of held-out characters in the k most frequent units: unit, k and share of each point."""
    shared = {"color": _coloured(colours, "unit"), "tooltip": _tips(("unit", "units"), *COVERAGE_TIPS)}
    axes = _coverage_axes("units", "characters")
    return _layered([_layer({"type": "line", "strokeWidth": 2}, rows, **axes, **shared)], 260)


def log_log(points: Sequence[tuple[float, float]], line: Sequence[tuple[float, float]], x: str, y: str) -> Spec:
    """Draw points and a dashed line of the quantities x and y, both axes on a log scale."""
    shared: Spec = {"tooltip": _tips(("x", x, ",.0f"), ("y", y, ",.0f"))}
    shared |= {
        name: _number(name, f"{title} (log scale)", scale=LOG, axis=TENS) for name, title in (("x", x), ("y", y))
    }
    dashed = {"type": "line", "strokeWidth": 1.5, "strokeDash": [5, 4], "style": "span"}
    circle = {"type": "circle", "size": 26, "opacity": 1, "style": "coverage"}
    marks = ((dashed, line), (circle, points))
    return _layered([_layer(mark, [{"x": a, "y": b} for a, b in pairs], **shared) for mark, pairs in marks], 260)


def ranking(dots: Rows, marks: Rows, lanes: list[str], compressors: Rows) -> Spec:
    """Draw a line per column with its dot, the fewest bits first, and the marks of its rows below the dot.

    ``dots`` have name, lane, bits, low, high, colour, ``hollow`` and ``stands``, which compares with the best column.
    ``marks`` of rows have name, lane, bits, kind, colour and ``stands``.
    """
    x = _number("bits", PER_CHARACTER, scale={"zero": False, "padding": 16}, axis=SIX_TICKS)
    shown = _tips(("name", "column"), BITS_TIP, ("stands", "against the best"))
    shared: Spec = {"y": _lanes("lane", lanes, TWO_LINES), "tooltip": shown, "color": COLOUR}
    up = {"yOffset": -ROW_OFFSET / 2} if any(mark["kind"] != "mixture" for mark in marks) else {}
    parts = [_layer({"type": "rule", "strokeWidth": 2.5, **up}, dots, **shared, x=_number("low"), x2=HIGH)]
    for dot in dots:
        circle = {**POINT, "filled": not dot["hollow"], "size": 120, "strokeWidth": 2.5, "shape": "circle", **up}
        parts.append(_layer(circle, [dot], **shared, x=x))
    for mark in marks:
        down = {} if mark["kind"] == "mixture" else {"yOffset": ROW_OFFSET}
        parts.append(_layer({**POINT, "size": 60, "shape": SHAPES[mark["kind"]], **down}, [mark], **shared, x=x))
    bits = [row[end] for row in dots for end in ("bits", "low", "high") if row[end] is not None]
    bits += [row["bits"] for row in (*marks, *compressors)]
    parts += _compressor_lines(compressors, (min(bits) + max(bits)) / 2)
    return _layered(parts, max(60, 38 * len(lanes)))


def _compressor_lines(compressors: Rows, middle: float) -> list[Spec]:
    """Return a dashed line per compressor, each with its name above the lanes, the first name the lowest.

    A name stands on the left of its line beyond ``middle``, in bits per character, where there is room.
    """
    parts = []
    for i, row in enumerate(compressors):
        top = -8 - LABEL_HEIGHT * i
        side = {"align": "right", "dx": -5} if row["bits"] > middle else {"align": "left", "dx": 5}
        rows = [{**row, "label": f"{row['name']} {decimals(row['bits'])}"}]
        shared: Spec = {"x": _number("bits"), "tooltip": _tips(("name", "compressor"), BITS_TIP)}
        parts.append(_layer(BASELINE, rows, **shared, y={"value": top - 6}, y2={"value": "height"}))
        label = {"type": "text", **side, "style": "baseline-label"}
        parts.append(_layer(label, rows, **shared, y={"value": top}, text=_category("label")))
    return parts


def from_best(best: str, dots: Rows, whole: Rows, colours: Colours, unit: str) -> Spec:
    """Draw differences in bits per character from the best column, a line a column, in the order of ``whole``.

    ``dots`` have column, label and difference of each ``unit``, "fold" or "document", and a document its characters.
    ``whole`` has column, difference, low and high over all documents; its dots stand above the small ones.
    """
    y = _lanes("column", [row["column"] for row in whole])
    x = _number("difference", [PER_CHARACTER, f"more than {best}"], axis=SIX_TICKS, scale={"padding": 12})
    sizes = {"document": _number("characters", scale={"range": [20, 200]}, legend=None), "fold": {"value": 70}}
    size_tip = [("characters", "", ",")] if unit == "document" else []
    shown = _tips(("label", unit), *size_tip, "column", ("difference", "", "+.3f"))
    small = {"type": "circle", "opacity": 0.7, "yOffset": 7}
    circles = _layer(small, dots, x=x, y=y, color=_coloured(colours), size=sizes[unit], tooltip=shown)
    shared: Spec = {"y": y, "tooltip": _tips("column", ("difference", "all documents", "+.3f"), *INTERVAL_TIPS)}
    line = _layer({**INTERVAL, "yOffset": -7}, whole, **shared, x=_number("low"), x2=HIGH)
    point = _layer({**DOT, "size": 70, "yOffset": -7}, whole, **shared, x=x)
    return _layered([ZERO_LINE, circles, line, point], 44 * len(whole))


def bill(rows: Rows, lanes: list[str], colours: Colours, compressors: Rows) -> Spec:
    """Draw stacked bars of the parts of the bits, and the compressors as lines.

    ``rows`` have column, lane, part, bits, rank of the part, and the column's total.
    """
    end = 1.03 * max([row["total"] for row in rows] + [row["bits"] for row in compressors])
    x = _number("bits", PER_CHARACTER, scale={"domain": [0, end], "nice": False}, axis=SIX_TICKS)
    shown = _tips("column", "part", ("bits", PER_CHARACTER, ".4f"), ("total", "of a total of", ".3f"))
    bars = _stacked(rows, lanes, _coloured(colours, "part"), x, shown, TWO_LINES)
    return _layered([bars, *_compressor_lines(compressors, 0.4 * end)], 44 * len(lanes))


def shares(rows: Rows, lanes: list[str], colours: Colours) -> Spec:
    """Draw stacked bars: lane, band, rank of the band, and its share of ``of``."""
    title = ["share of bits", "(first bar: share of characters)"]
    x = _number("share", title, axis=PERCENT, scale={"domain": [0, 1]})
    shown = _tips(("lane", "lane"), ("band", "words"), ("share", "share", ".1%"), ("of", "share of what"))
    return _layered([_stacked(rows, lanes, _coloured(colours, "band"), x, shown, {})], 34 * len(lanes))


def _stacked(rows: Rows, lanes: list[str], color: Spec, x: Spec, tooltip: list[Spec], axis: Spec) -> Spec:
    y = _lanes("lane", lanes, axis)
    return _layer({"type": "bar"}, rows, x=x, y=y, color=color, order=_number("rank"), tooltip=tooltip)


def rates(rows: Rows, labels: list[str], colours: Colours, what: str, *, shaded: bool) -> Spec:
    """Draw bits per character within each label: dots on a line, or for many columns a ``shaded`` field.

    The darkest shade begins at ``DARKEST_QUANTILE`` of the differences, so that one bad column does not flatten all
    differences. Numbers are drawn where the page is wide enough. ``rows`` have label, column, bits per character and
    characters; ``what`` the labels are: "band" or "part of speech".
    """
    y = _lanes("label", labels)
    shown = _tips("column", ("label", what), BITS_TIP, ("characters", "characters", ","))
    if not shaded:
        low, high = _number("bits", aggregate="min", scale={"zero": True}), {"field": "bits", "aggregate": "max"}
        x = _number("bits", [PER_CHARACTER, f"within the {what}"], axis=SIX_TICKS)
        span = _layer({"type": "rule", "strokeWidth": 1, "style": "span"}, x=low, x2=high)
        dots = _layer({"type": "circle", "size": 110, "opacity": 0.95}, x=x, color=_coloured(colours), tooltip=shown)
        return _layered([span, dots], 34 * len(labels), rows, y=y)
    best = {row["label"]: row["bits"] for row in sorted(rows, key=lambda row: -row["bits"])}
    rows = [{**row, "apart": row["bits"] - best[row["label"]]} for row in rows]
    rows = [{**row, "text": f"+{row['apart']:.2f}" if row["apart"] else f"{row['bits']:.2f}"} for row in rows]
    apart = sorted(row["apart"] for row in rows)
    darkest = apart[int(DARKEST_QUANTILE * (len(apart) - 1))] or apart[-1] or 1
    scale = {"domain": [0, darkest], "range": "heatmap", "interpolate": "rgb", "clamp": True}
    shades = _layer({"type": "rect"}, color=_number("apart", scale=scale, legend=None))
    text = {"type": "text", "style": "in-field", "fontSize": FONT_SIZE_IF_ROOM, "fontWeight": BOLD_IF_BEST}
    axis = {"orient": "top", "labelAngle": -40, "labelAlign": "left", "labelLimit": 110, "ticks": False}
    x = _category("column", sort=list(colours), axis={**axis, "domain": False, "title": None})
    shown += _tips(("apart", "more than the best column", ".3f"))
    parts = [shades, _layer(text, text=_category("text"))]
    return _layered(parts, 26 * len(labels), rows, y=y, x=x, tooltip=shown)


def learning(colours: Colours, over: str, frame: list[float]) -> Spec:
    """Draw bits of the validation text over "characters" or "seconds" within a frame, a line per cell.

    The rows are the page's data set "history": column, seed, characters x, seconds t, bits per character v.
    """
    axes = {
        "characters": _number("x", "characters of training text seen", axis=SHORT),
        "seconds": _number("t", "seconds of training", axis={"format": ",~f", **FIVE_TICKS}),
    }
    mark = {"type": "line", "clip": True, "strokeWidth": 1.8, "interpolate": "linear"}
    y = _number("v", PER_CHARACTER, scale={"domain": frame, "nice": False, "zero": False})
    shown = _tips("column", "seed", ("x", "characters seen", ","), ("t", "seconds", ",.0f"), ("v", *BITS_TIP[1:]))
    shared: Spec = {"color": _coloured(colours), "detail": _category("seed"), "tooltip": shown}
    line = _layer({**mark, "point": {"size": 14, "opacity": 0.75}}, x=axes[over], y=y, **shared)
    return {"data": {"name": "history"}, **_layered([line], 260)}


def noise(rows: Rows, colours: Colours) -> Spec:
    """Draw a dot per column with its 95 % interval: extra bits per character, low, high, and clean bits."""
    title = f"extra {PER_CHARACTER}"
    shown = _tips("column", ("extra", title, "+.3f"), *INTERVAL_TIPS, ("clean", "without noise", ".3f"))
    shared: Spec = {"y": _lanes("column", [row["column"] for row in rows]), "tooltip": shown}
    low = _number("low", title, axis=SIX_TICKS, scale={"padding": 12})
    line = _layer(INTERVAL, rows, **shared, x=low, x2=HIGH)
    dot = {"type": "circle", "size": 110, "opacity": 1}
    dots = _layer(dot, rows, **shared, x=_number("extra"), color=_coloured(colours))
    return _layered([ZERO_LINE, line, dots], 34 * len(rows))


def scaling(dots: Rows, curves: Rows, colours: Colours) -> Spec:
    """Draw column, characters of training text and bits of every cell (with its seed), and the fitted curves dashed."""
    y = _number("bits", PER_CHARACTER, scale={"zero": False})
    shared: Spec = {"x": TRAINING_TEXT, "color": _coloured(colours)}
    dashed = {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.4}
    mean = _number("bits", PER_CHARACTER, aggregate="mean")
    circle, cell_tips = {"type": "circle", "size": 46, "opacity": 0.9}, _tips("column", TEXT_TIP, "seed", BITS_TIP)
    parts = [
        _layer(dashed, curves, **shared, y=y, tooltip=_tips("column", TEXT_TIP, BITS_TIP)),
        _layer({"type": "line", "strokeWidth": 2}, dots, **shared, y=mean),
        _layer(circle, dots, **shared, y=y, tooltip=cell_tips),
    ]
    return _layered(parts, 300)


def vocabulary(rows: Rows) -> Spec:
    """Draw types of the training text, and the share of held-out tokens unseen in it, over its characters."""
    line, circle = {"type": "line", "strokeWidth": 2}, {"type": "circle", "size": 50, "opacity": 1}
    dashed = {**line, "strokeDash": [3, 3], "style": "interval"}
    types = _number("types", "distinct tokens", scale={"zero": True}, axis={"format": "~s"})
    unseen = _number("unseen", "never seen", scale={"zero": True}, axis={"format": "%", "orient": "right"})
    left = {"layer": [_layer({**mark, "style": "coverage"}) for mark in (line, circle)], "encoding": {"y": types}}
    right = {"layer": [_layer(dashed), _layer({**circle, "style": "dot"})], "encoding": {"y": unseen}}
    shown = _tips(TEXT_TIP, ("types", "distinct tokens", ","), ("unseen", "held-out tokens never seen", ".2%"))
    chart = _layered([left, right], 300, rows, x=TRAINING_TEXT, tooltip=shown)
    return {**chart, "resolve": {"scale": {"y": "independent"}}}


def sweep(key: str, rows: Rows, values: list[Any], level: float) -> Spec:
    """Draw a dot per value, with the interval of its difference from the best value, a diamond at the height ``level``.

    ``rows`` have value, bits, low, high and ``standing``; ``values`` are all numbers, or texts in their order.
    """
    x = _category("value", key, sort=values, axis={"labelAngle": 0})
    if isinstance(values[0], float):
        log = min(values) > 0 and max(values) > LOG_SCALE_RATIO * min(values)
        scale = {"type": "log" if log else "linear", "zero": False, "nice": False, "padding": 24}
        axis = {"values": values, "format": ".12~g"}
        x = _number("value", f"{key} (log scale)" if log else key, scale=scale, axis=axis)
    y = _number("bits", PER_CHARACTER, scale={"zero": False, "padding": 10}, axis=FIVE_TICKS)
    ends = [(name, title, ".3f") for name, title, _ in INTERVAL_TIPS]
    shown = _tips(("value", key), BITS_TIP, *ends, ("standing", "against the best"))
    solid, diamond = {**DOT, "size": 120}, {**DOT, "shape": "diamond", "size": 190}
    hollow = {**DOT, "filled": False, "size": 110, "strokeWidth": 2.5, "style": "dot-hollow"}
    dots = {"best": diamond, "equal": hollow, "not significant": hollow, "needs more": solid, "needs fewer": solid}
    lines = [row for row in rows if row["standing"] not in ("best", "equal")]
    parts = [
        _layer(ZERO, [{"bits": level}], y=y),
        _layer(INTERVAL, lines, x=x, tooltip=shown, y=_number("low"), y2=HIGH),
    ]
    parts += [_layer(dots[row["standing"]], [row], x=x, y=y, tooltip=shown) for row in rows]
    return _layered(parts, 280)


def accuracy_bars(rows: Rows, constant: float, answer: str) -> Spec:
    """Draw a bar for the accuracy of each network, and a line at the accuracy of a constant answer.

    ``rows`` have network, accuracy and colour, from the top.
    """
    x = _number("accuracy", ACCURACY, axis=PERCENT, scale={"domainMin": 0})
    y = _lanes("network", [row["network"] for row in rows])
    shared: Spec = {"x": x, "y": y, "tooltip": _tips("network", ACCURACY_TIP)}
    bars = _layer({"type": "bar", "height": 18}, rows, **shared, color=COLOUR)
    text = {"type": "text", "align": "left", "dx": 5}
    numbers = _layer(text, rows, **shared, text=_number("accuracy", format=".1%"))
    return _layered([bars, numbers, _constant_line(constant, answer, "x")], 30 * len(rows))


def accuracy_lines(rows: Rows, colours: Colours, constant: float, answer: str) -> Spec:
    """Draw each network's accuracy over the characters read in training: network, characters, accuracy."""
    x = _number("characters", "characters of training text read", axis=SHORT)
    y = _number("accuracy", ACCURACY, axis=PERCENT)
    shown = _tips("network", ("characters", "characters read", ","), ACCURACY_TIP)
    mark = {"type": "line", "strokeWidth": 2, "point": {"size": 40}}
    lines = _layer(mark, rows, x=x, y=y, color=_coloured(colours, "network"), tooltip=shown)
    return _layered([lines, _constant_line(constant, answer, "y")], 260)


def accuracy_by_shift(counted: Rows, trained: Rows, constant: float, answer: str) -> Spec:
    """Draw accuracy against the shift, of counting pairs of characters and of a network trained for each shift."""
    title, axis = "characters ahead (log scale)", {"values": [1, 2, 4, 10, 20, 50], "format": "d"}
    x = _number("shift", title, scale=LOG, axis=axis)
    y = _number("accuracy", ACCURACY, axis=PERCENT, scale={"domainMin": 0})
    shared: Spec = {"x": x, "y": y, "tooltip": _tips(("shift", "characters ahead", "d"), ACCURACY_TIP)}
    pairs = _layer({"type": "line", "strokeWidth": 1.5, "color": "#9aa3aa"}, counted, **shared)
    red = {"color": "#c8553d"}
    line = {"type": "line", "strokeWidth": 2, **red, "point": {"size": 70, **red}}
    return _layered([pairs, _layer(line, trained, **shared), _constant_line(constant, answer, "y")], 260)


def _constant_line(accuracy: float, answer: str, axis: str) -> Spec:
    rows = [{"accuracy": accuracy, "answer": f"always {answer}"}]
    return _layer(BASELINE, rows, **{axis: _number("accuracy")}, tooltip=_tips("answer", ACCURACY_TIP))
