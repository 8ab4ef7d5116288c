"""What the cells of a published comparison say together, computed again: contrasts, leads, and the answer.

    python -m tests.benchmarks.concluded_again NAME ...

Nothing is trained or measured. A line for each contrast whose interval has changed comes out, and the packed file is
replaced. Numbers that differ in their last digits alone, which depend on the processor, stay.
"""

import argparse
import gzip
import math
from typing import Any

from tests.benchmarks.publish import PUBLISHED
from toolkit.evaluation.answer import answer
from toolkit.evaluation.conclusions import concluded
from toolkit.results.comparison import PACKED, Comparison


def alike(old: Any, new: Any) -> bool:
    """Whether two values are the same but for the last digits of their numbers.

    >>> alike([0.1 + 0.2, "a"], [0.3, "a"]), alike({"p": 0.3}, {"p": 0.4})
    (True, False)
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(alike(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(alike, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=1e-6, abs_tol=1e-9)
    return bool(old == new)


def again(before: Comparison) -> Comparison:
    """The comparison with its conclusions computed again; those that are alike stay, as does a missing answer."""
    after = concluded(before)
    old, new = before.model_dump(), after.model_dump()
    after = after.model_copy(update={name: getattr(before, name) for name in old if alike(old[name], new[name])})
    return after.model_copy(update={"answer": before.answer and answer(after)})


def main() -> None:
    """Compute them, and replace the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    for name in parser.parse_args().names:
        file = PUBLISHED / name / PACKED
        before = Comparison.load(file)
        after = again(before)
        for old, new in zip(before.contrasts, after.contrasts, strict=True):
            if f"{old.low:.4f} {old.high:.4f}" != f"{new.low:.4f} {new.high:.4f}":
                print(f"{name}, {new.a} − {new.b}: {old.low:.4f} to {old.high:.4f} -> {new.low:.4f} to {new.high:.4f}")
            if old.verdict.split(" by ")[0] != new.verdict.split(" by ")[0]:
                print(f"  {old.verdict}\n  {new.verdict}")
        file.write_bytes(gzip.compress(after.model_dump_json(by_alias=True).encode(), mtime=0))


if __name__ == "__main__":
    main()
