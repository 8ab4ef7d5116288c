"""What the cells of a published comparison say together, computed again: contrasts, leads, and the answer.

    python -m tests.benchmarks.concluded_again NAME ...

Nothing is trained or measured. A line for each contrast whose interval has changed comes out, and the packed file is
replaced.
"""

import argparse
import gzip

from tests.benchmarks.publish import PUBLISHED
from toolkit.comparison.folder import PACKED
from toolkit.evaluation.answer import answer
from toolkit.evaluation.contrasts import concluded
from toolkit.results.comparison import Comparison


def main() -> None:
    """Compute them, and replace the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    for name in parser.parse_args().names:
        file = PUBLISHED / name / PACKED
        before = Comparison.load(file)
        again = concluded(before).model_copy(update={"warnings": before.warnings})
        again = again.model_copy(update={"answer": before.answer and answer(again)})
        for old, new in zip(before.contrasts, again.contrasts, strict=True):
            if f"{old.low:.4f} {old.high:.4f}" != f"{new.low:.4f} {new.high:.4f}":
                print(f"{name}, {new.a} − {new.b}: {old.low:.4f} to {old.high:.4f} -> {new.low:.4f} to {new.high:.4f}")
            if old.verdict.split(" by ")[0] != new.verdict.split(" by ")[0]:
                print(f"  {old.verdict}\n  {new.verdict}")
        file.write_bytes(gzip.compress(again.model_dump_json(by_alias=True).encode(), mtime=0))


if __name__ == "__main__":
    main()
