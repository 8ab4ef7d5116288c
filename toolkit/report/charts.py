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
PERCENT = {"format": "%", **FIVE_TICKS}
LOG = {"type": "log", "nice": False}
TWO_LINES = {"labelOffset": -7}  # Vega centres the first line of a label, not the label
INTERVAL: Spec = {"type": "rule", "strokeWidth": 2.5, "style": "interval"}
DOT: Spec = {"type": "point", "filled": True, "opacity": 1, "style": "dot"}
ZERO: Spec = {"type": "rule", "strokeWidth": 1.5, "style": "zero"}
BASELINE: Spec = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "style": "baseline"}
HIGH = {"field": "high"}
SHAPES = {"ensemble": "diamond", "adapting": "triangle-right", "adapting ensemble": "square", "mixture": "cross"}
WRITERS = {"the model": [1, 0], "n-grams of its tokens": [4, 4]}  # with the dashes of their curves
LABEL_HEIGHT = 15  # px between the names of two compressors
ROW_OFFSET = 9  # px from the centre of a lane down to the marks of ensembles and adapting models
DARKEST_QUANTILE = 0.8  # of the differences from the best column: the darkest shade begins there
FONT_SIZE_IF_ROOM = {"expr": "bandwidth('x') < 34 ? 0 : 11"}  # px of the numbers in a field of shades
BOLD_IF_BEST = {"expr": "datum.apart ? 400 : 700"}
LOG_SCALE_RATIO = 8  # of the largest to the smallest value of a sweep; beyond it the scale is logarithmic


def number(name: str, title: Any = "", **more: Any) -> Spec:
    """Return the encoding of a quantitative field."""
    return {"field": name, "type": "quantitative", **({"title": title} if title else {}), **more}


def category(name: str, title: Any = "", **more: Any) -> Spec:
    """Return the encoding of a nominal field."""
    return {**number(name, title, **more), "type": "nominal"}


def tips(*fields: str | tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Return tooltips: a name or (name, title) of a nominal field, or (name, title, format) of a number.

    >>> tips("column", ("bits", "", ".3f"))
    [{'field': 'column', 'type': 'nominal'}, {'field': 'bits', 'type': 'quantitative', 'format': '.3f'}]
    """
    triples = [(field, "", "") if isinstance(field, str) else (*field, "")[:3] for field in fields]
    return [number(name, title, format=form) if form else category(name, title) for name, title, form in triples]


def layer(mark: Spec, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return one mark with its encoding, over its own rows or the whole chart's."""
    return {**({} if rows is None else {"data": {"values": rows}}), "mark": mark, "encoding": encoding}


ZERO_LINE = layer(ZERO, [{"x": 0}], x=number("x"))
TEXT_AXIS: Spec = {"scale": {**LOG, "padding": 12}, "axis": {"format": "~s", **FIVE_TICKS, "grid": False}}
TRAINING_TEXT = number("characters", "characters of training text (log scale)", **TEXT_AXIS)


def full_width(chart: Spec, height: int) -> Spec:
    """Return a chart that is as wide as its place on the page."""
    return {**chart, **WIDE, "height": height}


def layered(parts: list[Spec], height: int, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return a chart of several layers that share rows and encoding, as wide as its place on the page."""
    shared = {} if rows is None else {"data": {"values": rows}}
    return full_width({**shared, "encoding": encoding, "layer": parts}, height)


def coloured(colours: Colours, name: str = "column") -> Spec:
    """Return the encoding that gives each value of a field its colour."""
    return category(name, scale={"domain": list(colours), "range": list(colours.values())}, legend=None)


def lane(name: str, bits: float) -> str:
    """Return a label in two lines, since one is too long for a phone.

    >>> lane("char", 1.9876)
    'char\\n1.988'
    """
    return f"{name}\n{decimals(bits)}"


def _coverage_axes(units: str, covered: str) -> dict[str, Spec]:
    axis = {"format": "~s", "values": [10**i for i in range(8)]}
    share = {"title": f"share of held-out {covered} covered", "scale": {"domain": [0, 1]}, "axis": PERCENT}
    return {
        "x": number("k", f"{units} in the vocabulary (log scale)", scale=LOG, axis=axis),
        "y": number("share", **share),
    }


def coverage(rows: Rows) -> Spec:
    """Draw the share of held-out tokens in the k most frequent types: k and share of each point."""
    line = layer({"type": "line", "strokeWidth": 2, "style": "coverage"})
    circles = layer({"type": "circle", "size": 22, "opacity": 1, "style": "coverage"})
    return layered([line, circles], 260, rows, **_coverage_axes("tokens", "tokens"), tooltip=tips(*COVERAGE_TIPS))


def coverage_curves(rows: Rows, colours: Colours) -> Spec:
    """Draw the share of held-out characters in the k most frequent units: unit, k and share of each point."""
    shared = {"color": coloured(colours, "unit"), "tooltip": tips(("unit", "units"), *COVERAGE_TIPS)}
    axes = _coverage_axes("units", "characters")
    return full_width(layer({"type": "line", "strokeWidth": 2}, rows, **axes, **shared), 260)


def log_log(points: Sequence[tuple[float, float]], line: Sequence[tuple[float, float]], x: str, y: str) -> Spec:
    """Draw points and a dashed line of the quantities x and y, both axes on a log scale."""
    axis = {"format": "~s", "values": [10**i for i in range(9)]}
    shared: Spec = {"tooltip": tips(("x", x, ",.0f"), ("y", y, ",.0f"))}
    for name, title in (("x", x), ("y", y)):
        shared[name] = number(name, f"{title} (log scale)", scale=LOG, axis=axis)
    dashed = {"type": "line", "strokeWidth": 1.5, "strokeDash": [5, 4], "style": "span"}
    circle = {"type": "circle", "size": 26, "opacity": 1, "style": "coverage"}
    marks = ((dashed, line), (circle, points))
    return layered([layer(mark, [{"x": a, "y": b} for a, b in pairs], **shared) for mark, pairs in marks], 260)


def ranking(dots: Rows, marks: Rows, lanes: list[str], near: Rows, far: Rows, domain: list[float] | None) -> Spec:
    """Draw a line per column with its dot, the fewest bits first, and the marks of its rows below the dot.

    ``dots`` have name, lane, bits, low, high, colour, ``stands`` (beside the best column) and ``hollow``; ``marks`` of
    rows have name, lane, bits, kind, colour and ``stands``. Compressors ``near`` the columns are drawn, ``far`` ones
    only named at the right end. ``domain`` are the ends of the scale, where they do not follow from the bits.
    """
    scale = {"zero": False, "padding": 16, **({"domain": domain} if domain else {})}
    x = number("bits", PER_CHARACTER, scale=scale, axis=SIX_TICKS)
    shared: Spec = {
        "y": category("lane", sort=lanes, axis={**TWO_LINES, "title": None}),
        "tooltip": tips(("name", "column"), BITS_TIP, ("stands", "against the best")),
        "color": category("colour", scale=None, legend=None),
    }
    up = {"yOffset": -ROW_OFFSET / 2} if any(mark["kind"] != "mixture" for mark in marks) else {}
    parts = [layer({"type": "rule", "strokeWidth": 2.5, **up}, dots, **shared, x=number("low"), x2=HIGH)]
    for dot in dots:
        mark = {"type": "point", "filled": not dot["hollow"], "size": 120, "opacity": 1, "strokeWidth": 2.5, **up}
        parts.append(layer({**mark, "shape": "circle"}, [dot], **shared, x=x))
    for row in marks:
        down = {} if row["kind"] == "mixture" else {"yOffset": ROW_OFFSET}
        mark = {"type": "point", "filled": True, "size": 60, "opacity": 1, "shape": SHAPES[row["kind"]], **down}
        parts.append(layer(mark, [row], **shared, x=x))
    bits = [row[end] for row in dots for end in ("bits", "low", "high") if row[end] is not None]
    bits += [row["bits"] for row in (*marks, *near)]
    parts += _compressor_lines(near, (min(bits) + max(bits)) / 2)
    if far:
        names = [{"label": ", ".join(f"{row['name']} {decimals(row['bits'])}" for row in far) + " →"}]
        top, right = {"value": -8 - LABEL_HEIGHT * len(near)}, {"value": "width"}
        text = {"type": "text", "align": "right", "style": "baseline-label"}
        parts.append(layer(text, names, x=right, y=top, text=category("label")))
    return layered(parts, max(60, 38 * len(lanes)))


def _compressor_lines(compressors: Rows, middle: float) -> list[Spec]:
    """Return a dashed line per compressor, each with its name above the lanes, the first name the lowest.

    A name stands on the left of its line beyond ``middle``, in bits per character, where there is room.
    """
    parts = []
    for i, row in enumerate(compressors):
        top = -8 - LABEL_HEIGHT * i
        side = {"align": "right", "dx": -5} if row["bits"] > middle else {"align": "left", "dx": 5}
        rows = [{**row, "label": f"{row['name']} {decimals(row['bits'])}"}]
        shared: Spec = {"x": number("bits"), "tooltip": tips(("name", "compressor"), BITS_TIP)}
        parts.append(layer(BASELINE, rows, **shared, y={"value": top - 6}, y2={"value": "height"}))
        label = {"type": "text", **side, "style": "baseline-label"}
        parts.append(layer(label, rows, **shared, y={"value": top}, text=category("label")))
    return parts


def from_best(best: str, dots: Rows, whole: Rows, colours: Colours, size: Spec | None = None) -> Spec:
    """Draw differences in bits per character from the best column, a line a column, in the order of ``whole``.

    ``dots`` have column, label and difference of each fold, or of each document, with its characters and a ``size``.
    ``whole`` has column, difference, low and high over all documents; its dots stand above the small ones.
    """
    y = category("column", sort=[row["column"] for row in whole], axis={"title": None})
    x = number("difference", [PER_CHARACTER, f"more than {best}"], axis=SIX_TICKS, scale={"padding": 12})
    dot_tips = [("label", "document"), ("characters", "", ",")] if size else [("label", "fold")]
    circles = layer(
        {"type": "circle", "opacity": 0.7, "yOffset": 7},
        dots,
        x=x,
        y=y,
        color=coloured(colours),
        size=size or {"value": 70},
        tooltip=tips(*dot_tips, "column", ("difference", "", "+.3f")),
    )
    shared: Spec = {"y": y, "tooltip": tips("column", ("difference", "all documents", "+.3f"), *INTERVAL_TIPS)}
    line = layer({**INTERVAL, "yOffset": -7}, whole, **shared, x=number("low"), x2=HIGH)
    point = layer({**DOT, "size": 70, "yOffset": -7}, whole, **shared, x=x)
    return layered([ZERO_LINE, circles, line, point], 44 * len(whole))


def bill(rows: Rows, lanes: list[str], colours: Colours, compressors: Rows) -> Spec:
    """Draw stacked bars of the parts of the bits, and the compressors as lines.

    ``rows`` have column, lane, part, bits, rank of the part, and the column's total.
    """
    end = 1.03 * max([row["total"] for row in rows] + [row["bits"] for row in compressors])
    x = number("bits", PER_CHARACTER, scale={"domain": [0, end], "nice": False}, axis=SIX_TICKS)
    shown = tips("column", "part", ("bits", PER_CHARACTER, ".4f"), ("total", "of a total of", ".3f"))
    bars = _stacked(rows, lanes, coloured(colours, "part"), x, shown, TWO_LINES)
    return layered([bars, *_compressor_lines(compressors, 0.4 * end)], 44 * len(lanes))


def shares(rows: Rows, lanes: list[str], colours: Colours) -> Spec:
    """Draw stacked bars: lane, band, rank of the band, and its share of ``of``."""
    title = ["share of bits", "(first bar: share of characters)"]
    x = number("share", title, axis=PERCENT, scale={"domain": [0, 1]})
    shown = tips(("lane", "lane"), ("band", "words"), ("share", "share", ".1%"), ("of", "share of what"))
    return full_width(_stacked(rows, lanes, coloured(colours, "band"), x, shown, {}), 34 * len(lanes))


def _stacked(rows: Rows, lanes: list[str], color: Spec, x: Spec, tooltip: list[Spec], axis: Spec) -> Spec:
    y = category("lane", sort=lanes, axis={**axis, "title": None})
    return layer({"type": "bar"}, rows, x=x, y=y, color=color, order=number("rank"), tooltip=tooltip)


def rates(rows: Rows, labels: list[str], colours: Colours, what: str, *, shaded: bool) -> Spec:
    """Draw bits per character within each label: dots on a line, or for many columns a ``shaded`` field.

    The darkest shade begins at ``DARKEST_QUANTILE`` of the differences, so that one bad column does not flatten all
    differences. Numbers are drawn where the page is wide enough. ``rows`` have label, column, bits per character and
    characters; ``what`` the labels are: "band" or "part of speech".
    """
    y = category("label", sort=labels, axis={"title": None})
    shown = tips("column", ("label", what), BITS_TIP, ("characters", "characters", ","))
    if not shaded:
        low, high = number("bits", aggregate="min", scale={"zero": True}), {"field": "bits", "aggregate": "max"}
        x = number("bits", [PER_CHARACTER, f"within the {what}"], axis=SIX_TICKS)
        span = layer({"type": "rule", "strokeWidth": 1, "style": "span"}, x=low, x2=high)
        dots = layer({"type": "circle", "size": 110, "opacity": 0.95}, x=x, color=coloured(colours), tooltip=shown)
        return layered([span, dots], 34 * len(labels), rows, y=y)
    best = {row["label"]: row["bits"] for row in sorted(rows, key=lambda row: -row["bits"])}
    rows = [{**row, "apart": row["bits"] - best[row["label"]]} for row in rows]
    rows = [{**row, "text": f"+{row['apart']:.2f}" if row["apart"] else f"{row['bits']:.2f}"} for row in rows]
    apart = sorted(row["apart"] for row in rows)
    darkest = apart[int(DARKEST_QUANTILE * (len(apart) - 1))] or apart[-1] or 1
    scale = {"domain": [0, darkest], "range": "heatmap", "interpolate": "rgb", "clamp": True}
    shades = layer({"type": "rect"}, color=number("apart", scale=scale, legend=None))
    text = {"type": "text", "style": "in-field", "fontSize": FONT_SIZE_IF_ROOM, "fontWeight": BOLD_IF_BEST}
    axis = {"orient": "top", "labelAngle": -40, "labelAlign": "left", "labelLimit": 110, "ticks": False}
    x = category("column", sort=list(colours), axis={**axis, "domain": False, "title": None})
    shown += tips(("apart", "more than the best column", ".3f"))
    parts = [shades, layer(text, text=category("text"))]
    return layered(parts, 26 * len(labels), rows, y=y, x=x, tooltip=shown)


def learning(colours: Colours, over: str, frame: list[float]) -> Spec:
    """Draw bits of the validation text over "characters" or "seconds" within a frame, a line per cell.

    The rows are the page's data set "history": column, seed, characters x, seconds t, bits per character v.
    """
    by_characters = over == "characters"
    title = "characters of training text seen" if by_characters else "seconds of training"
    axis = {"format": "~s" if by_characters else ",~f", **FIVE_TICKS}
    mark = {"type": "line", "clip": True, "strokeWidth": 1.8, "interpolate": "linear"}
    line = layer(
        {**mark, "point": {"size": 14, "opacity": 0.75}},
        x=number("x" if by_characters else "t", title, axis=axis),
        y=number("v", PER_CHARACTER, scale={"domain": frame, "nice": False, "zero": False}),
        color=coloured(colours),
        detail=category("seed"),
        tooltip=tips("column", "seed", ("x", "characters seen", ","), ("t", "seconds", ",.0f"), ("v", *BITS_TIP[1:])),
    )
    return full_width({"data": {"name": "history"}, **line}, 260)


def noise(rows: Rows, colours: Colours) -> Spec:
    """Draw a dot per column with its 95 % interval: extra bits per character, low, high, and clean bits."""
    title = f"extra {PER_CHARACTER}"
    shared: Spec = {
        "y": category("column", sort=[row["column"] for row in rows], axis={"title": None}),
        "tooltip": tips("column", ("extra", title, "+.3f"), *INTERVAL_TIPS, ("clean", "without noise", ".3f")),
    }
    low = number("low", title, axis=SIX_TICKS, scale={"padding": 12})
    line = layer(INTERVAL, rows, **shared, x=low, x2=HIGH)
    dot = {"type": "circle", "size": 110, "opacity": 1}
    dots = layer(dot, rows, **shared, x=number("extra"), color=coloured(colours))
    return layered([ZERO_LINE, line, dots], 34 * len(rows))


def scaling(dots: Rows, curves: Rows, colours: Colours) -> Spec:
    """Draw column, characters of training text and bits of every cell (with its seed), and the fitted curves dashed."""
    y = number("bits", PER_CHARACTER, scale={"zero": False})
    shared: Spec = {"x": TRAINING_TEXT, "color": coloured(colours)}
    dashed = {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.4}
    mean = number("bits", PER_CHARACTER, aggregate="mean")
    circle, cell_tips = {"type": "circle", "size": 46, "opacity": 0.9}, tips("column", TEXT_TIP, "seed", BITS_TIP)
    parts = [
        layer(dashed, curves, **shared, y=y, tooltip=tips("column", TEXT_TIP, BITS_TIP)),
        layer({"type": "line", "strokeWidth": 2}, dots, **shared, y=mean),
        layer(circle, dots, **shared, y=y, tooltip=cell_tips),
    ]
    return layered(parts, 300)


def vocabulary(rows: Rows) -> Spec:
    """Draw types of the training text, and the share of held-out tokens unseen in it, over its characters."""
    line, circle = {"type": "line", "strokeWidth": 2}, {"type": "circle", "size": 50, "opacity": 1}
    dashed = {**line, "strokeDash": [3, 3], "style": "interval"}
    types = number("types", "distinct tokens", scale={"zero": True}, axis={"format": "~s"})
    unseen = number("unseen", "never seen", scale={"zero": True}, axis={"format": "%", "orient": "right"})
    left = {"layer": [layer({**mark, "style": "coverage"}) for mark in (line, circle)], "encoding": {"y": types}}
    right = {"layer": [layer(dashed), layer({**circle, "style": "dot"})], "encoding": {"y": unseen}}
    shown = tips(TEXT_TIP, ("types", "distinct tokens", ","), ("unseen", "held-out tokens never seen", ".2%"))
    chart = layered([left, right], 300, rows, x=TRAINING_TEXT, tooltip=shown)
    return {**chart, "resolve": {"scale": {"y": "independent"}}}


def sweep(key: str, rows: Rows, values: list[Any], level: float) -> Spec:
    """Draw a dot per value, with the interval of its difference from the best value, a diamond at the height ``level``.

    ``rows`` have value, bits, low, high and ``standing``; ``values`` are all numbers, or texts in their order.
    """
    x = category("value", key, sort=values, axis={"labelAngle": 0})
    if isinstance(values[0], float):
        log = min(values) > 0 and max(values) > LOG_SCALE_RATIO * min(values)
        scale = {"type": "log" if log else "linear", "zero": False, "nice": False, "padding": 24}
        axis = {"values": values, "format": ".12~g"}
        x = number("value", f"{key} (log scale)" if log else key, scale=scale, axis=axis)
    y = number("bits", PER_CHARACTER, scale={"zero": False, "padding": 10}, axis=FIVE_TICKS)
    shown = tips(
        ("value", key),
        BITS_TIP,
        ("low", "95 % interval from", ".3f"),
        ("high", "to", ".3f"),
        ("standing", "against the best"),
    )
    solid, diamond = {**DOT, "size": 120}, {**DOT, "shape": "diamond", "size": 190}
    hollow = {**DOT, "filled": False, "size": 110, "strokeWidth": 2.5, "style": "dot-hollow"}
    dots = {"best": diamond, "equal": hollow, "not significant": hollow, "needs more": solid, "needs fewer": solid}
    lines = [row for row in rows if row["standing"] not in ("best", "equal")]
    parts = [layer(ZERO, [{"bits": level}], y=y), layer(INTERVAL, lines, x=x, tooltip=shown, y=number("low"), y2=HIGH)]
    parts += [layer(dots[row["standing"]], [row], x=x, y=y, tooltip=shown) for row in rows]
    return layered(parts, 280)


def temperatures(rows: Rows, author: Spec, colours: Colours) -> Spec:
    """Draw bits per character under an n-gram of held-out text over repeated word pairs, a line per model.

    ``rows`` have column, who, temperature t, repetition r and bits b; ``author`` has r and b.
    """
    title = ["word pairs repeated in a text:", "diverse on the left, monotonous on the right"]
    x = number("r", title, scale={"type": "sqrt", "nice": False}, axis={"format": "%", **SIX_TICKS})
    y = number("b", "bits per character, by an n-gram of held-out text", scale={"zero": False})
    place = (("r", "repeats", ".1%"), ("b", PER_CHARACTER, ".2f"))
    shown = tips("column", ("who", "written by"), ("t", "temperature", ".1f"), *place)
    shared: Spec = {"x": x, "y": y, "order": number("t"), "color": coloured(colours), "tooltip": shown}
    dashes = {"domain": list(WRITERS), "range": list(WRITERS.values())}
    alone = [{"who": "the author", **author}]
    parts = [
        layer({"type": "line", "strokeWidth": 1.8}, **shared, strokeDash=category("who", scale=dashes, legend=None)),
        layer({"type": "circle", "size": 26, "opacity": 1}, **shared),
        layer({"type": "rule", "strokeDash": [2, 3], "style": "baseline"}, alone, x=x),
        layer({**DOT, "size": 110, "shape": "diamond"}, alone, x=x, y=y, tooltip=tips("who", *place)),
    ]
    return layered(parts, 320, rows)


def accuracy_bars(rows: Rows, constant: float, answer: str) -> Spec:
    """Draw a bar for the accuracy of each network, and a line at the accuracy of a constant answer.

    ``rows`` have network, accuracy and colour, from the top.
    """
    shared: Spec = {
        "y": category("network", sort=[row["network"] for row in rows], axis={"title": None}),
        "x": number("accuracy", ACCURACY, axis=PERCENT, scale={"domainMin": 0}),
        "tooltip": tips("network", ACCURACY_TIP),
    }
    bars = layer({"type": "bar", "height": 18}, rows, **shared, color=category("colour", scale=None))
    text = {"type": "text", "align": "left", "dx": 5}
    numbers = layer(text, rows, **shared, text=number("accuracy", format=".1%"))
    return layered([bars, numbers, _constant_line(constant, answer, "x")], 30 * len(rows))


def accuracy_lines(rows: Rows, colours: Colours, constant: float, answer: str) -> Spec:
    """Draw each network's accuracy over the characters read in training: network, characters, accuracy."""
    lines = layer(
        {"type": "line", "strokeWidth": 2, "point": {"size": 40}},
        rows,
        x=number("characters", "characters of training text read", axis={"format": "~s", **FIVE_TICKS}),
        y=number("accuracy", ACCURACY, axis=PERCENT),
        color=coloured(colours, "network"),
        tooltip=tips("network", ("characters", "characters read", ","), ACCURACY_TIP),
    )
    return layered([lines, _constant_line(constant, answer, "y")], 260)


def accuracy_by_shift(counted: Rows, trained: Rows, constant: float, answer: str) -> Spec:
    """Draw accuracy against the shift, of counting pairs of characters and of a network trained for each shift."""
    title, axis = "characters ahead (log scale)", {"values": [1, 2, 4, 10, 20, 50], "format": "d"}
    shared: Spec = {
        "x": number("shift", title, scale=LOG, axis=axis),
        "y": number("accuracy", ACCURACY, axis=PERCENT, scale={"domainMin": 0}),
        "tooltip": tips(("shift", "characters ahead", "d"), ACCURACY_TIP),
    }
    pairs = layer({"type": "line", "strokeWidth": 1.5, "color": "#9aa3aa"}, counted, **shared)
    red = {"color": "#c8553d"}
    line = {"type": "line", "strokeWidth": 2, **red, "point": {"size": 70, **red}}
    return layered([pairs, layer(line, trained, **shared), _constant_line(constant, answer, "y")], 260)


def _constant_line(accuracy: float, answer: str, axis: str) -> Spec:
    rows = [{"accuracy": accuracy, "answer": f"always {answer}"}]
    return layer(BASELINE, rows, **{axis: number("accuracy")}, tooltip=tips("answer", ACCURACY_TIP))
