"""Numbers, amounts and lists as readers see them, on every page and in the terminal.

A number and its mirror image round alike. Minus is the true minus sign, and the space before % is narrow.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

ABSENT = "–"
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
ROUNDING = 1e-9  # a sum of floats that is nearer to 1 is 1
LEAST_HALF_WIDTH, MOST_DECIMALS = 1e-9, 9  # of an amount; a smaller interval counts as zero
ALPHA = 0.05  # two-sided: intervals are 95 % intervals
LEAST_P = 0.0001  # a smaller p is shown as at most this
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
T = TypeVar("T")


def decimals(value: float | None, places: int = 3) -> str:
    """Return the number with separators and a fixed number of decimals.

    >>> decimals(-1234.5678), decimals(float("inf")), decimals(None)
    ('−1,234.568', '∞', '–')
    """
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    shown = f"{abs(value):,.{places}f}"
    return ("−" if value < 0 and float(shown.replace(",", "")) else "") + shown


def signed(value: float, places: int = 3) -> str:
    """Return the number with its sign, which a rounded zero lacks: '+0.250'."""
    return ("+" if value > 0 and decimals(value, places) != decimals(0, places) else "") + decimals(value, places)


def amount(estimate: float, half_width: float, least: int = 2) -> str:
    """Return estimate ± half width, with at least ``least`` decimals and two digits of the half width.

    More decimals are shown where they are needed to see that the estimate is the larger one.

    >>> amount(0.0834, 0.0312), amount(-0.00352, 0.0051), amount(0.0, 0.0), amount(0.1347, 0.1259)
    ('0.083 ± 0.031', '−0.0035 ± 0.0051', '0.00 ± 0.00', '0.135 ± 0.126')
    """
    size = abs(estimate)
    places = max(least, 1 - math.floor(math.log10(half_width))) if half_width > LEAST_HALF_WIDTH else least
    while size > half_width and round(size, places) == round(half_width, places) and places < MOST_DECIMALS:
        places += 1
    return f"{decimals(estimate, places)} ± {decimals(half_width, places)}"


def apart(a: float, b: float, places: int = 2) -> tuple[str, str]:
    """Return two numbers with enough decimals to see that they differ, and by how much.

    >>> apart(1.939, 2.076), apart(2.0012, 1.9988), apart(1.9349, 2.0851)
    (('1.94', '2.08'), ('2.001', '1.999'), ('1.935', '2.085'))
    """
    for more in range(places, places + 3):
        rounded = round(b, more) - round(a, more)
        if a == b or (rounded and round(rounded, more) == round(b - a, more)):
            return decimals(a, more), decimals(b, more)
    return decimals(a, places + 1), decimals(b, places + 1)


def p_value(p: float) -> str:
    """Return p with three decimals, or as many more as keep it above zero and on its side of 0.05.

    >>> p_value(0.00390625), p_value(0.05004), p_value(0.0003), p_value(0.00004)
    ('0.004', '0.05004', '0.0003', '≤ 0.0001')
    """
    if p <= LEAST_P:
        return f"≤ {LEAST_P}"
    rounded = (f"{p:.{places}f}" for places in range(3, 20))
    return next(text for text in rounded if float(text) > 0 and (float(text) <= ALPHA) == (p <= ALPHA))


def count(value: float | None) -> str:
    """Return a whole number with separators: '1,234,567'."""
    return decimals(value, 0)


def rounded_count(number: float) -> str:
    """Return a large number with three digits.

    >>> rounded_count(950), rounded_count(45_000), rounded_count(999_700), rounded_count(6_200_000)
    ('950', '45 k', '1 M', '6.2 M')
    """
    rounded = float(f"{number:.3g}")
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rounded >= size:
            return f"{rounded / size:g} {unit}"
    return f"{rounded:g}"


def percent(share: float | None, places: int = 1) -> str:
    """Return a share of 1 in per cent; nearly none or nearly all is not shown as 0 or 100.

    >>> [percent(share).replace(chr(0x202F), " ") for share in (0.1234, 0.00001, 0, 0.9996, 1)]
    ['12.3 %', '< 0.1 %', '0 %', '> 99.9 %', '100.0 %']
    """
    if share is None or math.isnan(share):
        return ABSENT
    step = 10.0**-places
    if share == 0:
        shown = "0"
    elif 0 < 100 * share < step / 2:
        shown = f"<\u202f{step:.{places}f}"
    elif ROUNDING < 1 - share < step / 200:
        shown = f">\u202f{100 - step:.{places}f}"
    else:
        shown = decimals(100 * share, places)
    return f"{shown}\u202f%"


def perplexity(value: float | None) -> str:
    """Return a perplexity: with one decimal below 1,000, as a power of ten from ten millions.

    >>> perplexity(97.25), perplexity(12345.6), perplexity(3.2e9)
    ('97.2', '12,346', '3.2 × 10⁹')
    """
    if value is None or not math.isfinite(value) or round(value, 1) < 1000:
        return decimals(value, 1)
    if round(value) < 1e7:
        return count(value)
    shown, power = f"{value:.1e}".split("e")
    return f"{shown} × 10{str(int(power)).translate(SUPERSCRIPTS)}"


def seconds(value: float) -> str:
    """Return seconds without their unit, with one decimal below ten."""
    return decimals(value, 1 if abs(value) < 10 else 0)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it.

    >>> duration(0.53), duration(59.97), duration(75), duration(5400)
    ('0.5 s', '1.0 min', '1.2 min', '1.5 h')
    """
    for unit, length, smaller in (("h", 3600.0, 60.0), ("min", 60.0, 1.0)):
        if round(seconds / smaller, 1) * smaller >= length:
            return f"{decimals(seconds / length, 1)} {unit}"
    return f"{decimals(seconds, 1)} s"


def byte_count(number: int | None) -> str:
    """Return bytes in the largest binary unit that leaves at least 1: with one decimal below ten, except of bytes.

    >>> byte_count(1000), byte_count(3 * 2**29), byte_count(10_239), byte_count(2**20 - 1)
    ('1,000 B', '1.5 GiB', '10 KiB', '1.0 MiB')
    """
    if number is None:
        return ABSENT
    size = float(number)
    for unit in BYTE_UNITS:
        if round(size) < 1024 or unit == BYTE_UNITS[-1]:
            break
        size /= 1024
    return f"{decimals(size, int(unit != 'B' and round(size, 1) < 10))} {unit}"


def plural(number: int, noun: str, several: str = "") -> str:
    """Return the count with its noun: '1 document', '45 documents'."""
    return f"{count(number)} {noun if number == 1 else several or noun + 's'}"


def listing(words: Sequence[str]) -> str:
    """Return the words as part of a sentence: 'char, word:unk and word:pos', or 'none' of no words."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "none"


def cut(text: str, most: int) -> str:
    """Return the text, or its beginning and an ellipsis, of ``most`` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def thinned(items: Sequence[T], most: int) -> list[T]:
    """Return at most ``most`` items, evenly spaced, including the first and the last."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
