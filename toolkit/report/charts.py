"""The charts of every page, as Vega-Lite: the page has their colours, fonts and legends (script.js, style.css)."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.results.text import decimals

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

WIDE: Spec = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
PER_CHARACTER = "bits per character"
TICKS = 6
TWO_LINES = {"labelOffset": -7}  # Vega centres the first line of a label, not the label
LABEL_HEIGHT = 15  # px between the names of two compressors
ROW_OFFSET = 9  # px from the centre of a lane down to the marks of ensembles and adapting models
DARKEST_QUANTILE = 0.8  # of the differences from the best column: the darkest shade begins there
FONT_SIZE_IF_ROOM = "bandwidth('x') < 34 ? 0 : 11"  # px of the numbers in a field of shades
BOLD_IF_BEST = "datum.apart ? 400 : 700"
LOG_SCALE_RATIO = 8  # a sweep's largest value over its smallest: beyond it, the scale is logarithmic
SHAPES = {
    "ensemble": "diamond",
    "adapting": "triangle-right",
    "adapting ensemble": "square",
    "mixture": "cross",
}
WRITERS = {"the model": [1, 0], "n-grams of its tokens": [4, 4]}  # with the dashes of their curves
ACCURACY = "held-out characters right"
PERCENT = {"format": "%", "tickCount": 5}
ACCURACY_TIP = {"field": "accuracy", "type": "quantitative", "title": ACCURACY, "format": ".1%"}


def inline(rows: Rows) -> Any:
    """Return rows as the data of a chart."""
    return {"values": rows}


def number(name: str, **more: Any) -> Spec:
    """Return an encoding of a quantitative field."""
    return {"field": name, "type": "quantitative", **more}


def category(name: str, **more: Any) -> Spec:
    """Return an encoding of a nominal field."""
    return {"field": name, "type": "nominal", **more}


def layer(mark: Spec, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return one mark with its encoding, over its own rows or those of the whole chart."""
    data = {} if rows is None else {"data": inline(rows)}
    return {**data, "mark": mark, "encoding": encoding}


def layers(*parts: Spec, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return a chart of several layers, which share rows and encoding."""
    data = {} if rows is None else {"data": inline(rows)}
    return {**data, "encoding": encoding, "layer": list(parts)}


def finished(chart: Spec, **size: Any) -> Spec:
    """Return a chart that is as wide as its place on the page."""
    return {**chart, **WIDE, **size}


def coloured(colours: Mapping[str, str], name: str = "column") -> Spec:
    """Return the encoding that gives each value of a field its colour."""
    return category(name, scale={"domain": list(colours), "range": list(colours.values())}, legend=None)


def lane(name: str, bits: float) -> str:
    """Return a label in two lines, since one is too long for a phone.

    >>> lane("char", 1.9876)
    'char\\n1.988'
    """
    return f"{name}\n{decimals(bits)}"


def interval_tips(format: str = "+.3f") -> list[Spec]:
    """Return the tooltips of an interval."""
    return [number("low", title="95 % interval from", format=format), number("high", title="to", format=format)]


def coverage_axes(units: str, covered: str) -> dict[str, Any]:
    """Return the axes of a curve: the share of ``covered`` over the number of most frequent units, on a log scale."""
    powers = [10**i for i in range(8)]
    return {
        "x": number(
            "k",
            title=f"{units} in the vocabulary (log scale)",
            scale={"type": "log", "nice": False},
            axis={"format": "~s", "values": powers},
        ),
        "y": number(
            "share",
            title=f"share of held-out {covered} covered",
            scale={"domain": [0, 1]},
            axis={"format": "%", "tickCount": 5},
        ),
    }


def coverage_tips() -> list[Any]:
    """Return the tooltips of such a curve."""
    return [number("k", title="vocabulary", format=","), number("share", title="covers", format=".1%")]


def zero_line() -> Spec:
    """Return the line at a difference of zero."""
    return layer({"type": "rule", "strokeWidth": 1.5, "style": "zero"}, [{"x": 0}], x=number("x"))


def compressor_lines(compressors: Rows, middle: float) -> list[Spec]:
    """Return a dashed line per compressor, each with its name above the lanes, the first name the lowest.

    Args:
        compressors: Name and bits of each, the fewest bits first, so that no line crosses another's name.
        middle: Bits per character beyond which a name stands on the left of its line, where there is room.
    """
    tips = [category("name", title="compressor"), number("bits", title=PER_CHARACTER, format=".3f")]
    parts = []
    for i, row in enumerate(compressors):
        top = -8 - LABEL_HEIGHT * i
        side = {"align": "right", "dx": -5} if row["bits"] > middle else {"align": "left", "dx": 5}
        line = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "style": "baseline"}
        labelled = [{**row, "label": f"{row['name']} {decimals(row['bits'])}"}]
        shared = {"x": number("bits"), "tooltip": tips}
        parts.append(layer(line, labelled, **shared, y={"value": top - 6}, y2={"value": "height"}))
        label = {"type": "text", **side, "style": "baseline-label"}
        parts.append(layer(label, labelled, **shared, y={"value": top}, text=category("label")))
    return parts


def ranking(
    dots: Rows, marks: Rows, lanes: list[str], compressors: Rows, far: list[str], domain: list[float] | None
) -> Spec:
    """Draw a line per column with its dot, the fewest bits first, and the marks of its rows below the dot.

    Args:
        dots: Columns: name, lane, bits, low, high, colour, ``stands`` beside the best column, and whether ``hollow``.
        marks: Rows made of cells: name, lane, bits, kind, colour, ``stands``.
        lanes: Labels of the lines in their order.
        compressors: Name and bits of those that are drawn.
        far: Names of compressors beyond the right end.
        domain: Ends of the scale; None where the dots and compressors decide.
    """
    extent = {"domain": domain} if domain else {}
    x = number("bits", title=PER_CHARACTER, scale={"zero": False, "padding": 16, **extent}, axis={"tickCount": TICKS})
    shared = {
        "y": category("lane", sort=lanes, title=None, axis=TWO_LINES),
        "tooltip": [
            category("name", title="column"),
            number("bits", title=PER_CHARACTER, format=".3f"),
            category("stands", title="against the best"),
        ],
        "color": category("colour", scale=None, legend=None),
    }
    up = {"yOffset": -ROW_OFFSET / 2} if any(mark["kind"] != "mixture" for mark in marks) else {}
    parts = [layer({"type": "rule", "strokeWidth": 2.5, **up}, dots, **shared, x=number("low"), x2={"field": "high"})]
    for hollow in (False, True):
        if rows := [dot for dot in dots if dot["hollow"] == hollow]:
            dot = {"type": "point", "filled": not hollow, "size": 120, "opacity": 1, "strokeWidth": 2.5, **up}
            parts.append(layer({**dot, "shape": "circle"}, rows, **shared, x=x))
    for kind, shape in SHAPES.items():
        if rows := [mark for mark in marks if mark["kind"] == kind]:
            down = {} if kind == "mixture" else {"yOffset": ROW_OFFSET}
            mark = {"type": "point", "filled": True, "size": 60, "opacity": 1, "shape": shape, **down}
            parts.append(layer(mark, rows, **shared, x=x))
    bits = [
        *([row[end] for row in dots for end in ("bits", "low", "high") if row[end] is not None]),
        *(row["bits"] for row in (*marks, *compressors)),
    ]
    parts += compressor_lines(compressors, (min(bits) + max(bits)) / 2)
    if far:
        label = {"type": "text", "align": "right", "style": "baseline-label"}
        y = {"value": -8 - LABEL_HEIGHT * len(compressors)}
        rows = [{"label": f"{', '.join(far)} →"}]
        parts.append(layer(label, rows, x={"value": "width"}, y=y, text=category("label")))
    return finished({"layer": parts}, height=max(60, 38 * len(lanes)))


def from_best(best: str, dots: Rows, whole: Rows, colours: Mapping[str, str], what: str) -> Spec:
    """Draw differences in bits per character from the best column, a line a column, in the order of ``whole``.

    Args:
        best: Name of the best column.
        dots: Column and difference of each document (with its characters) or fold.
        whole: Column, difference, low and high over all documents; the dot and the line above the others.
        colours: By column.
        what: The field of ``dots`` that names a dot: "document" or "fold".
    """
    by_size = what == "document"
    names = category("column", sort=[row["column"] for row in whole], title=None)
    x = number(
        "difference",
        title=[PER_CHARACTER, f"more than {best}"],
        axis={"tickCount": TICKS},
        scale={"padding": 12},
    )
    size = number("characters", scale={"range": [20, 200]}, legend=None) if by_size else {"value": 70}
    tips = [category(what), *([number("characters", format=",")] if by_size else []), category("column")]
    circles = layer(
        {"type": "circle", "opacity": 0.7, "yOffset": 7},
        dots,
        x=x,
        y=names,
        color=coloured(colours),
        size=size,
        tooltip=[*tips, number("difference", format="+.3f")],
    )
    tips = [category("column"), number("difference", title="all documents", format="+.3f"), *interval_tips()]
    rule = {"type": "rule", "strokeWidth": 2.5, "style": "interval", "yOffset": -7}
    point = {"type": "point", "filled": True, "size": 70, "opacity": 1, "style": "dot", "yOffset": -7}
    line = layer(rule, whole, y=names, tooltip=tips, x=number("low"), x2={"field": "high"})
    parts = [zero_line(), circles, line, layer(point, whole, y=names, tooltip=tips, x=x)]
    return finished({"layer": parts}, height=44 * len(whole))


def bill(rows: Rows, lanes: list[str], colours: Mapping[str, str], compressors: Rows) -> Spec:
    """Draw stacked bars of the five parts of the bits, and the compressors as lines.

    Args:
        rows: Column, lane, part, bits, rank of the part, and total.
        lanes: Labels in their order.
        colours: By part.
        compressors: Name and bits of each.
    """
    longest = max(row["total"] for row in rows)
    longest = 1.03 * max([longest, *(row["bits"] for row in compressors)])
    scale = {"domain": [0, longest], "nice": False}
    bars = layer(
        {"type": "bar"},
        rows,
        y=category("lane", sort=lanes, title=None, axis=TWO_LINES),
        x=number("bits", title=PER_CHARACTER, scale=scale, axis={"tickCount": TICKS}),
        color=coloured(colours, "part"),
        order=number("rank"),
        tooltip=[
            category("column"),
            category("part"),
            number("bits", title=PER_CHARACTER, format=".4f"),
            number("total", title="of a total of", format=".3f"),
        ],
    )
    return finished({"layer": [bars, *compressor_lines(compressors, 0.4 * longest)]}, height=44 * len(lanes))


def shares(rows: Rows, lanes: list[str], colours: Mapping[str, str]) -> Spec:
    """Draw stacked bars: each band's share of a column's bits, below its share of the text's characters."""
    chart = layer(
        {"type": "bar"},
        rows,
        y=category("lane", sort=lanes, title=None),
        x=number(
            "share",
            title=["share of bits", "(first bar: share of characters)"],
            axis={"format": "%", "tickCount": 5},
            scale={"domain": [0, 1]},
        ),
        color=coloured(colours, "band"),
        order=number("rank"),
        tooltip=[
            category("lane", title="lane"),
            category("band", title="words"),
            number("share", title="share", format=".1%"),
            category("of", title="share of what"),
        ],
    )
    return finished(chart, height=34 * len(lanes))


def rates(rows: Rows, labels: list[str], colours: Mapping[str, str], what: str, *, shaded: bool) -> Spec:
    """Draw bits per character within each label: dots on a line, or a field of shades for many columns.

    The darkest shade begins at ``DARKEST_QUANTILE`` of the differences, so that one bad column does not flatten the
    others. Numbers are drawn where the page is wide enough for them.

    Args:
        rows: Label, column, bits per character, characters.
        labels: In their order.
        colours: By column, in the columns' order.
        what: "band" or "part of speech".
        shaded: Whether to draw the field.
    """
    tips = [
        category("column"),
        category("label", title=what),
        number("bits", title=PER_CHARACTER, format=".3f"),
        number("characters", title="characters", format=","),
    ]
    y = category("label", sort=labels, title=None)
    if not shaded:
        low = number("bits", aggregate="min", scale={"zero": True})
        high = {"field": "bits", "aggregate": "max"}
        x = number("bits", title=[PER_CHARACTER, f"within the {what}"], axis={"tickCount": TICKS})
        span = layer({"type": "rule", "strokeWidth": 1, "style": "span"}, x=low, x2=high)
        dots = layer({"type": "circle", "size": 110, "opacity": 0.95}, x=x, color=coloured(colours), tooltip=tips)
        return finished(layers(span, dots, rows=rows, y=y), height=34 * len(labels))
    best = {row["label"]: row["bits"] for row in sorted(rows, key=lambda row: -row["bits"])}
    rows = [{**row, "apart": row["bits"] - best[row["label"]]} for row in rows]
    rows = [{**row, "text": f"+{row['apart']:.2f}" if row["apart"] else f"{row['bits']:.2f}"} for row in rows]
    apart = sorted(row["apart"] for row in rows)
    darkest = apart[int(DARKEST_QUANTILE * (len(apart) - 1))] or apart[-1] or 1
    axis = {
        "orient": "top",
        "labelAngle": -40,
        "labelAlign": "left",
        "ticks": False,
        "domain": False,
        "labelLimit": 110,
    }
    scale = {"domain": [0, darkest], "range": "heatmap", "interpolate": "rgb", "clamp": True}
    size, weight = {"expr": FONT_SIZE_IF_ROOM}, {"expr": BOLD_IF_BEST}
    text = {"type": "text", "style": "in-field", "fontSize": size, "fontWeight": weight}
    field = layers(
        layer({"type": "rect"}, color=number("apart", scale=scale, legend=None)),
        layer(text, text=category("text")),
        rows=rows,
        y=y,
        x=category("column", sort=list(colours), title=None, axis=axis),
        tooltip=[*tips, number("apart", title="more than the best column", format=".3f")],
    )
    return finished(field, height=26 * len(labels))


def learning(colours: Mapping[str, str], over: str, frame: list[float]) -> Spec:
    """Draw bits per character of the validation text, a line per cell; the rows are the page's data set "history".

    Args:
        colours: By column.
        over: "characters" or "seconds".
        frame: The lowest and the highest bits shown.
    """
    by_characters = over == "characters"
    title = "characters of training text seen" if by_characters else "seconds of training"
    axis = {"format": "~s" if by_characters else ",~f", "tickCount": 5}
    line = {"type": "line", "clip": True, "strokeWidth": 1.8, "interpolate": "linear"}
    chart = layer(
        {**line, "point": {"size": 14, "opacity": 0.75}},
        x=number("x" if by_characters else "t", title=title, axis=axis),
        y=number("v", title=PER_CHARACTER, scale={"domain": frame, "nice": False, "zero": False}),
        color=coloured(colours),
        detail=category("seed"),
        tooltip=[
            category("column"),
            category("seed"),
            number("x", title="characters seen", format=","),
            number("t", title="seconds", format=",.0f"),
            number("v", title="valid bits per character", format=".3f"),
        ],
    )
    return finished({"data": {"name": "history"}, **chart}, height=260)


def noise(rows: Rows, colours: Mapping[str, str]) -> Spec:
    """Draw a dot per column with its 95 % interval: extra bits per character.

    Args:
        rows: Column, extra, low, high, and the bits per character without noise.
        colours: By column.
    """
    title = f"extra {PER_CHARACTER}"
    shared = {
        "y": category("column", sort=[row["column"] for row in rows], title=None),
        "tooltip": [
            category("column"),
            number("extra", title=title, format="+.3f"),
            *interval_tips(),
            number("clean", title="without noise", format=".3f"),
        ],
    }
    rule = {"type": "rule", "strokeWidth": 2.5, "style": "interval"}
    x = number("low", title=title, axis={"tickCount": TICKS}, scale={"padding": 12})
    interval = layer(rule, rows, **shared, x=x, x2={"field": "high"})
    circle = {"type": "circle", "size": 110, "opacity": 1}
    dots = layer(circle, rows, **shared, x=number("extra"), color=coloured(colours))
    return finished({"layer": [zero_line(), interval, dots]}, height=34 * len(rows))


def over_text() -> Spec:
    """Return the axis of characters of training text."""
    return number(
        "characters",
        title="characters of training text (log scale)",
        scale={"type": "log", "nice": False, "padding": 12},
        axis={"format": "~s", "tickCount": 5, "grid": False},
    )


def scaling(dots: Rows, curves: Rows, colours: Mapping[str, str]) -> Spec:
    """Draw bits per character of every cell over its training text, and the fitted curves dashed.

    Args:
        dots: Column, seed, characters and bits of each cell.
        curves: Column, characters and bits along each fitted curve.
        colours: By column.
    """
    shared = {"x": over_text(), "color": coloured(colours)}
    y = number("bits", title=PER_CHARACTER, scale={"zero": False})
    tips = [category("column"), number("characters", title="training text", format=",")]
    bits = number("bits", title=PER_CHARACTER, format=".3f")
    dashed, line = {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.4}, {"type": "line", "strokeWidth": 2}
    circle = {"type": "circle", "size": 46, "opacity": 0.9}
    parts = [
        layer(dashed, curves, **shared, y=y, tooltip=[*tips, bits]),
        layer(line, dots, **shared, y=number("bits", aggregate="mean", title=PER_CHARACTER)),
        layer(circle, dots, **shared, y=y, tooltip=[*tips, category("seed"), bits]),
    ]
    return finished({"layer": parts}, height=300)


def vocabulary(rows: Rows) -> Spec:
    """Draw distinct tokens of the training text, and the share of held-out tokens that it lacks, on the same axis."""
    tips = [
        number("characters", title="training text", format=","),
        number("types", title="distinct tokens", format=","),
        number("unseen", title="held-out tokens never seen", format=".2%"),
    ]
    axis = {"format": "%", "orient": "right"}
    types = number("types", title="distinct tokens", scale={"zero": True}, axis={"format": "~s"})
    unseen = number("unseen", title="never seen", scale={"zero": True}, axis=axis)
    line, circle = {"type": "line", "strokeWidth": 2}, {"type": "circle", "size": 50, "opacity": 1}
    dashed = {**line, "strokeDash": [3, 3], "style": "interval"}
    left = layers(layer({**line, "style": "coverage"}), layer({**circle, "style": "coverage"}), y=types)
    right = layers(layer(dashed), layer({**circle, "style": "dot"}), y=unseen)
    chart = layers(left, right, rows=rows, x=over_text(), tooltip=tips)
    return finished({**chart, "resolve": {"scale": {"y": "independent"}}}, height=300)


def coverage(rows: Rows) -> Spec:
    """Draw the share of held-out tokens covered by the k most frequent types, k on a log scale."""
    line = layer({"type": "line", "strokeWidth": 2, "style": "coverage"})
    circles = layer({"type": "circle", "size": 22, "opacity": 1, "style": "coverage"})
    axes = coverage_axes("tokens", "tokens")
    return finished(layers(line, circles, rows=rows, **axes, tooltip=coverage_tips()), height=260)


def sweep(key: str, rows: Rows, values: Sequence[float] | list[str], level: float) -> Spec:
    """Draw a dot per value, with the interval of its difference from the best value, a diamond on a line.

    Args:
        key: The setting.
        rows: Value, bits, low, high and ``standing`` of each value with a result.
        values: Numbers of the axis, or texts in their order.
        level: Bits per character of the best value.
    """
    numeric = all(isinstance(value, float) for value in values)
    x = category("value", sort=values, title=key, axis={"labelAngle": 0})
    if numeric:
        low, high = float(min(values)), float(max(values))
        logarithmic = low > 0 and high > LOG_SCALE_RATIO * low
        scale = {"type": "log" if logarithmic else "linear", "zero": False, "nice": False, "padding": 24}
        title = f"{key} (log scale)" if logarithmic else key
        x = number("value", title=title, scale=scale, axis={"values": list(values), "format": ".12~g"})
    y = number("bits", title=PER_CHARACTER, scale={"zero": False, "padding": 10}, axis={"tickCount": 5})
    tips = [
        category("value", title=key),
        number("bits", title=PER_CHARACTER, format=".3f"),
        *interval_tips(".3f"),
        category("standing", title="against the best"),
    ]
    point = {"type": "point", "opacity": 1}
    solid = {**point, "filled": True, "size": 120, "style": "dot"}
    hollow = {**point, "filled": False, "size": 110, "strokeWidth": 2.5, "style": "dot-hollow"}
    diamond = {**point, "filled": True, "shape": "diamond", "size": 190, "style": "dot"}
    looks = {"best": diamond, "equal": hollow, "not significant": hollow, "needs more": solid, "needs fewer": solid}
    rule = {"type": "rule", "strokeWidth": 2.5, "style": "interval"}
    intervals = [row for row in rows if row["standing"] not in ("best", "equal")]
    parts = [
        layer({"type": "rule", "strokeWidth": 1.5, "style": "zero"}, [{"bits": level}], y=y),
        layer(rule, intervals, x=x, tooltip=tips, y=number("low"), y2={"field": "high"}),
    ]
    for standing, look in looks.items():
        if dots := [row for row in rows if row["standing"] == standing]:
            parts.append(layer(look, dots, x=x, y=y, tooltip=tips))
    return finished({"layer": parts}, height=280)


def temperatures(rows: Rows, author: Spec, colours: Mapping[str, str]) -> Spec:
    """Draw bits per character under an n-gram of held-out text over repeated word pairs, a line per model.

    Args:
        rows: Column, who, temperature t, repetition r and bits b of each point.
        author: Repetition r and bits b of the author.
        colours: By column.
    """
    x = number(
        "r",
        title=["word pairs repeated in a text:", "diverse on the left, monotonous on the right"],
        scale={"type": "sqrt", "nice": False},
        axis={"format": "%", "tickCount": 6},
    )
    y = number("b", title="bits per character, by an n-gram of held-out text", scale={"zero": False})
    tips = [number("r", title="repeats", format=".1%"), number("b", title=PER_CHARACTER, format=".2f")]
    every_tip = [category("column"), category("who", title="written by"), number("t", title="temperature"), *tips]
    dashes = category("who", scale={"domain": list(WRITERS), "range": list(WRITERS.values())}, legend=None)
    shared = {"x": x, "y": y, "order": number("t"), "color": coloured(colours), "tooltip": every_tip}
    rule = {"type": "rule", "strokeDash": [2, 3], "style": "baseline"}
    point = {"type": "point", "size": 110, "filled": True, "shape": "diamond", "opacity": 1, "style": "dot"}
    alone = [{"who": "the author", **author}]
    parts = [
        layer({"type": "line", "strokeWidth": 1.8}, **shared, strokeDash=dashes),
        layer({"type": "circle", "size": 26, "opacity": 1}, **shared),
        layer(rule, alone, x=x),
        layer(point, alone, x=x, y=y, tooltip=[category("who"), *tips]),
    ]
    return finished({"data": inline(rows), "layer": parts}, height=320)


def coverage_curves(rows: Rows, colours: Mapping[str, str]) -> Spec:
    """Draw the share of held-out characters in the k most frequent units, a line for each unit.

    Args:
        rows: Points with unit, k and share.
        colours: By unit.
    """
    tips = [category("unit", title="units"), *coverage_tips()]
    line = {"type": "line", "strokeWidth": 2}
    axes = coverage_axes("units", "characters")
    return finished(layer(line, rows, **axes, color=coloured(colours, "unit"), tooltip=tips), height=260)


def log_log(points: Sequence[tuple[float, float]], line: Sequence[tuple[float, float]], x: str, y: str) -> Spec:
    """Draw points and a dashed line of two quantities, both axes on a log scale."""
    scaled = {"scale": {"type": "log", "nice": False}, "axis": {"format": "~s", "values": [10**i for i in range(9)]}}
    encoding = {
        "x": number("x", title=f"{x} (log scale)", **scaled),
        "y": number("y", title=f"{y} (log scale)", **scaled),
        "tooltip": [number("x", title=x, format=",.0f"), number("y", title=y, format=",.0f")],
    }
    dashed = {"type": "line", "strokeWidth": 1.5, "strokeDash": [5, 4], "style": "span"}
    circle = {"type": "circle", "size": 26, "opacity": 1, "style": "coverage"}
    both = [(dashed, line), (circle, points)]
    parts = [layer(mark, [{"x": a, "y": b} for a, b in places], **encoding) for mark, places in both]
    return finished({"layer": parts}, height=260)


def accuracy_bars(rows: Rows, constant: float, answer: str) -> Spec:
    """Draw a bar for each network's accuracy, and a dashed line at the constant answer's.

    Args:
        rows: Network, accuracy and colour of each bar, from the top.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    encoding = {
        "y": category("network", sort=[row["network"] for row in rows], title=None),
        "x": number("accuracy", title=ACCURACY, axis=PERCENT, scale={"domainMin": 0}),
        "tooltip": [category("network"), ACCURACY_TIP],
    }
    bars = layer({"type": "bar", "height": 18}, rows, **encoding, color=category("colour", scale=None))
    label = {"type": "text", "align": "left", "dx": 5}
    numbers = layer(label, rows, **encoding, text=number("accuracy", format=".1%"))
    return finished({"layer": [bars, numbers, _constant_line(constant, answer, "x")]}, height=30 * len(rows))


def accuracy_lines(rows: Rows, colours: Mapping[str, str], constant: float, answer: str) -> Spec:
    """Draw each network's accuracy over the characters read in training.

    Args:
        rows: Network, characters read and accuracy of each moment.
        colours: By network.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    lines = layer(
        {"type": "line", "strokeWidth": 2, "point": {"size": 40}},
        rows,
        x=number("characters", title="characters of training text read", axis={"format": "~s", "tickCount": 5}),
        y=number("accuracy", title=ACCURACY, axis=PERCENT),
        color=coloured(colours, "network"),
        tooltip=[category("network"), number("characters", title="characters read", format=","), ACCURACY_TIP],
    )
    return finished({"layer": [lines, _constant_line(constant, answer, "y")]}, height=260)


def accuracy_by_shift(counted: Rows, trained: Rows, constant: float, answer: str) -> Spec:
    """Draw accuracy against the shift: of counting pairs of characters, and of a network trained for each shift.

    Args:
        counted: Shift and accuracy of counting.
        trained: Shift and accuracy of the networks.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    log = {"scale": {"type": "log", "nice": False}, "axis": {"values": [1, 2, 4, 10, 20, 50], "format": "d"}}
    encoding = {
        "x": number("shift", title="characters ahead (log scale)", **log),
        "y": number("accuracy", title=ACCURACY, axis=PERCENT, scale={"domainMin": 0}),
        "tooltip": [number("shift", title="characters ahead"), ACCURACY_TIP],
    }
    pairs = {"type": "line", "strokeWidth": 1.5, "color": "#9aa3aa"}
    networks = {"type": "line", "strokeWidth": 2, "color": "#c8553d", "point": {"size": 70, "color": "#c8553d"}}
    lines = [layer(pairs, counted, **encoding), layer(networks, trained, **encoding)]
    return finished({"layer": [*lines, _constant_line(constant, answer, "y")]}, height=260)


def _constant_line(accuracy: float, answer: str, axis: str) -> Spec:
    rule = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "style": "baseline"}
    row = {"accuracy": accuracy, "answer": f"always {answer}"}
    return layer(rule, [row], **{axis: number("accuracy")}, tooltip=[category("answer"), ACCURACY_TIP])
