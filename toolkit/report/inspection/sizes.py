"""Numbers with their units, as the tables of an inspection show them."""

from toolkit.results.numbers import decimals


def duration(seconds: float) -> str:
    """A time in the unit that suits it.

    >>> duration(0.53), duration(59.97), duration(75), duration(5400)
    ('0.5 s', '1.0 min', '1.2 min', '1.5 h')
    """
    for unit, length, smaller in (("h", 3600.0, 60.0), ("min", 60.0, 1.0)):
        if round(seconds / smaller, 1) * smaller >= length:
            return f"{decimals(seconds / length, 1)} {unit}"
    return f"{decimals(seconds, 1)} s"


def thousands(number: float) -> str:
    """A large number, shortened to three digits.

    >>> thousands(950), thousands(45_000), thousands(999_700), thousands(6_200_000)
    ('950', '45 k', '1 M', '6.2 M')
    """
    rounded = float(f"{number:.3g}")
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rounded >= size:
            return f"{rounded / size:g} {unit}"
    return f"{rounded:g}"
