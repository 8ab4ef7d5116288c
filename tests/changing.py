"""Values as JSON has them, changed at one place, as damage or malice may do it."""

import copy
import math

VALUES = [
    None, True, -1, 0, 1, 10**9, 10**40, 1.5, -0.5, math.nan, math.inf, -math.inf, 1e308, 5e-324, "", "x", "LR",
    "\ud802", "\x1b[2J", "a" * 1000, [], {}, [[]], [None], ["x"], {"x": 1},
]  # fmt: skip
DEEPER = 0.75  # how often a value inside is changed rather than the whole of it


def changed(document, random):
    """A copy of the document in which one value is another, is missing, or is there twice."""
    document = copy.deepcopy(document)
    parent, key = None, None
    value = document
    while isinstance(value, dict | list) and value and (parent is None or random.random() < DEEPER):
        parent, key = value, random.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = parent[key]
    how = random.choice(["another", "another", "missing", "twice", "more"])
    if how == "missing":
        del parent[key]
    elif how == "twice" and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(value))
    elif how == "more" and type(value) in (int, float):
        parent[key] = value * random.choice([-1, 2, 0.5, 10**6])
    elif how == "more" and isinstance(value, str):
        parent[key] = value + random.choice(["\ud800", "x", "\0"])
    else:
        parent[key] = copy.deepcopy(random.choice(VALUES))
    return document
