"""Measure the samples of a published comparison of the bundled tales again, with the measures of now.

    python -m tests.benchmarks.measured_again NAME ...

Nothing is trained or written by a model. A line for each value that has changed comes out, and the packed file is
replaced. What n-grams wrote is not kept, so their measures stay as they were.
"""

import argparse
import gzip
from collections.abc import Iterator

from tests.benchmarks.publish import PUBLISHED
from toolkit.config import CompareSettings, parse_settings
from toolkit.evaluation.author import Author
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.metrics.generated import beside, taken
from toolkit.results.cell import Cell
from toolkit.results.comparison import PACKED, Comparison
from toolkit.results.generated import Generated
from toolkit.text.catalogue import find_corpus
from toolkit.text.splits import split


def measured_again(written: Generated, author: Author) -> Generated:
    """What a cell wrote, with the measures and copies of its samples, and the author's lanes, as they are now."""
    texts = [sample.text[: author.measured_characters] for sample in written.samples]
    return written.model_copy(
        update={
            "measures": beside(taken(texts, author.reference), author.taken),
            "copies": author.copies(texts),
            "author": author.lane,
            "another": author.another,
        }
    )


def changes(before: Generated, after: Generated) -> Iterator[str]:
    """The measures whose value, or the author's, is another."""
    for name, measured in after.measures.items():
        old, new = ((one.value, one.author) for one in (before.measures[name], measured))
        if old != new:
            yield f"{name}: {old} -> {new}"


def main() -> None:
    """Measure them, and replace the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    for name in parser.parse_args().names:
        file = PUBLISHED / name / PACKED
        comparison = Comparison.load(file)
        corpus = find_corpus(comparison.corpus.name)
        assert corpus.sha256 == comparison.corpus.sha256, f"{name} is of another text"
        parts = split(corpus)
        assert [document.name for document in parts.test] == comparison.corpus.split.test
        settings = parse_settings({"samples": comparison.settings["samples"]}, CompareSettings()).samples
        author = EvaluationData(parts, corpus.language).author(settings)
        for cell in comparison.cells:
            if isinstance(cell, Cell):
                again = measured_again(cell.generated, author)
                for change in changes(cell.generated, again):
                    print(f"{name}, {cell.column}, seed {cell.seed}, {change}", flush=True)
                cell.generated = again
        file.write_bytes(gzip.compress(comparison.model_dump_json(by_alias=True).encode(), mtime=0))


if __name__ == "__main__":
    main()
