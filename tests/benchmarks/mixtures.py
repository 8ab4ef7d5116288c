"""What each part of a mixture is worth: bits per character of the validation documents, scored as held-out text is.

    python -m tests.benchmarks.mixtures FOLDER [--rates 0,0.3] [--characters N] [--by-seed] [--only 4,7,8]

FOLDER is a comparison of char, char@ngram, spaced and spaced@ngram, whose cells are done. They are mixed in several
ways, all seeds of a column as their mean, or each seed with the networks of its own; ``--only`` gives the numbers of
some ways, the first is 1. In the last way words do not recall. A rate of 0 means that networks stand still. Everything
is read after what stands before it, so columns alone are mixtures of one: their counts learn, too.
"""

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from toolkit.evaluation.scoring import cut
from toolkit.inference.combined import Mixture
from toolkit.inference.model import Model
from toolkit.results.record import grouped
from toolkit.runs.folder import RUNS, has_run, load_spec
from toolkit.runs.isolated import model_of
from toolkit.runs.spec import own_split
from toolkit.text.corpus import Document

LETTERS, COUNTED, WORDS, COUNTED_WORDS = "char", "char@ngram", "spaced:unk", "spaced:unk@ngram"
ALL = [LETTERS, COUNTED, WORDS, COUNTED_WORDS]


class WithoutRecall(Mixture):
    """A mixture whose models of words do not recall."""

    def __init__(self, models: Sequence[Model], rate: float = 0.0) -> None:
        super().__init__(models, rate)
        for model in models:
            model.outlook = lambda: None  # type: ignore[method-assign]


MIXED: tuple[tuple[list[str], type[Mixture]], ...] = (
    ([LETTERS], Mixture),
    ([COUNTED], Mixture),
    ([LETTERS, COUNTED], Mixture),
    ([LETTERS, WORDS], Mixture),
    ([COUNTED, COUNTED_WORDS], Mixture),
    ([LETTERS, COUNTED, WORDS], Mixture),
    (ALL, Mixture),
    (ALL, WithoutRecall),
)


def bits_per_character(model: Model, documents: Sequence[Document]) -> float:
    """What the documents need, read one after another."""
    scores = model.score([model.tokenizer.encode(document) for document in documents])
    return sum(of_document.total for of_document in scores) / sum(len(document.text) for document in documents)


def main() -> None:
    """Print a table in Markdown, or one for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rates", default="0,0.3", type=lambda text: [float(rate) for rate in text.split(",")])
    parser.add_argument("--characters", type=int, default=10**9)
    parser.add_argument("--by-seed", action="store_true")
    parser.add_argument("--only", type=lambda text: {int(number) for number in text.split(",")})
    options = parser.parse_args()
    specs = {folder: load_spec(folder) for folder in (options.folder / RUNS).glob("[!.]*") if has_run(folder)}
    of_all = [folder for folder in specs if specs[folder].fraction == 1]
    in_order = sorted(of_all, key=lambda folder: specs[folder].seed)
    runs = grouped(in_order, lambda folder: specs[folder].column.name)
    documents = cut(own_split(specs[next(chain(*runs.values()))]).valid, options.characters)
    print(
        f"{sum(len(document.text) for document in documents):,} characters of {len(documents)} validation documents"
    )
    seeds = [slice(place, place + 1) for place in range(len(runs[LETTERS]))] if options.by_seed else [slice(None)]
    for chosen in seeds:
        print("\n| mixed |", " | ".join(f"networks at rate {rate:g}" if rate else "networks stand still"
                                        for rate in options.rates), "|")  # fmt: skip
        print("| --- |", " | ".join("---:" for _ in options.rates), "|", flush=True)
        for number, (names, mixture) in enumerate(MIXED, 1):
            if options.only and number not in options.only:
                continue
            models = [model_of(runs[name][:1] if name.endswith("ngram") else runs[name][chosen], None)
                      for name in names]  # fmt: skip
            found = [bits_per_character(mixture(models, rate), documents) for rate in options.rates]
            shown = ", ".join(f"`{name}`" for name in names) + (
                ", without recall" if mixture is WithoutRecall else ""
            )
            print("|", shown, "|", " | ".join(f"{bits:.4f}" for bits in found), "|", flush=True)


if __name__ == "__main__":
    main()
