"""What each value of a recipe is worth: one change at a time, by complete bits per character of the validation text.

    python -m tests.benchmarks.recipes --corpus weird-tales --columns char,word:unk

The held-out text is not read. Every experiment starts from what the corpus's own recipe says of a column and reads as
much text as that says, or trains for ``--budget``; a table in Markdown comes out, a row as soon as it is measured.
``--try "network.units=320 train.learning_rate=0.02"`` adds a row of one's own, named by its settings; more passes are
``--try passes=1.5``, by which the recipe's are multiplied.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev

from toolkit.cli.options import as_in_python
from toolkit.comparison.options import assignment
from toolkit.comparison.reading import make_request
from toolkit.comparison.request import Request
from toolkit.config import CompareSettings, merged, parse_settings
from toolkit.events.encoding import Tokenizer
from toolkit.text.corpus import Document, Split, beginning
from toolkit.training.records import Encoded
from toolkit.training.trainer import train

CHANGES: Mapping[str, tuple[str, ...]] = {
    "the recipe": (),
    "128 units": ("network.units=128",),
    "512 units": ("network.units=512",),
    "two layers": ("network.layers=2",),
    "no dropout": ("network.dropout=0.0", "network.input_dropout=0.0", "network.recurrent_dropout=0.0"),
    "no dropout of outputs": ("network.dropout=0.0",),
    "no dropout of inputs": ("network.input_dropout=0.0",),
    "no dropout of recurrent weights": ("network.recurrent_dropout=0.0",),
    "embedding not tied": ("network.tied=false",),
    "embedding of 128, not tied": ("network.embedding=128", "network.tied=false"),
    "rate 0.006": ("train.optimizer='adam'", "train.learning_rate=0.006"),
    "rate 0.012": ("train.optimizer='adam'", "train.learning_rate=0.012"),
    "rate 0.024": ("train.optimizer='adam'", "train.learning_rate=0.024"),
    "rate rises for 2 %": ("train.warmup=0.02",),
    "rate does not fall": ("train.held={epochs=1000, divided_by=2.0}",),
    "plain descent, rate 5": ("train.optimizer='sgd'", "train.learning_rate=5.0", "train.weight_decay=0.0"),
    "16 rows": ("train.batch=16",),
    "64 rows": ("train.batch=64",),
    "windows of 200 characters": ("train.window_characters=200",),
    "products in bfloat16": ("train.precision=bfloat16",),
    "no way back to the best weights": ("train.cooling=1.0",),
}

PASSES = "passes="  # not a setting: what the number of updates is multiplied by


def request(corpus: str, columns: str, budget: str | None, recipe: str | None) -> Request:
    """What the command line would ask for."""
    assignments = [f"recipe={recipe}"] if recipe else []
    return make_request(
        tokenizers=columns,
        corpus=corpus,
        budget=budget,
        settings=as_in_python({"settings": None, "set_": assignments})["settings"],
    )


def main() -> None:
    """Print a row per change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="weird-tales")
    parser.add_argument("--columns", default="char,word:unk")
    parser.add_argument("--budget", help="time for each training; by default the recipe's updates")
    parser.add_argument("--recipe", help="small, standard or large; by default the corpus's own")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(CHANGES), choices=list(CHANGES))
    parser.add_argument("--try", action="append", default=[], dest="tried", metavar="SETTINGS")
    arguments = parser.parse_args()
    changes = {name: CHANGES[name] for name in arguments.only} | {text: text.split() for text in arguments.tried}
    asked = request(arguments.corpus, arguments.columns, arguments.budget, arguments.recipe)
    tokenizers = [asked.tokenizer(column).fit(asked.split.train, asked.split.valid) for column in asked.columns]
    names = [column.name for column in asked.columns]
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    print(f"| {asked.corpus.name}, {asked.settings.recipe} | {' | '.join(names)} | seconds |")
    print("| --- |" + " --- |" * (len(names) + 1))
    recipes = [asked.column_settings[name, 1.0] for name in names]
    for change, assignments in changes.items():
        found = [
            measured(tokenizer, asked.split, changed(recipe, assignments), seeds, f"{column}: {change}")
            for column, tokenizer, recipe in zip(names, tokenizers, recipes, strict=True)
        ]
        bits, seconds = zip(*found, strict=True)
        print(f"| {change} | {' | '.join(bits)} | {', '.join(seconds)} |", flush=True)


def changed(settings: CompareSettings, change: Sequence[str]) -> CompareSettings:
    """The settings with assignments laid over them; updates are so many that as much text is read, times ``passes``."""
    values: dict[str, object] = {}
    passes = 1.0
    for text in change:
        if text.startswith(PASSES):
            passes = float(text.removeprefix(PASSES))
        else:
            values = merged(values, assignment(text))
    found = parse_settings(values, settings)
    read, window = (train.batch * train.window_characters for train in (settings.train, found.train))
    updates = round(settings.train.updates * passes * read / window)
    return found.model_copy(update={"train": found.train.model_copy(update={"updates": updates})})


def measured(
    tokenizer: Tokenizer, split: Split, settings: CompareSettings, seeds: range, name: str
) -> tuple[str, str]:
    """Bits per character of the best check (mean and standard deviation over seeds), and the mean seconds."""
    valid_beginnings = [Document(d.name, beginning(d.text, settings.train.valid_characters)) for d in split.valid]
    training, valid = (list(map(tokenizer.encode, documents)) for documents in (split.train, valid_beginnings))
    bits, seconds = [], []
    for seed in seeds:
        trained = train(tokenizer, Encoded(training, valid), settings, seed, lambda _: None, None)
        seconds.append(trained.end.seconds)
        bits.append(min(row.valid_bits_per_character for row in trained.end.history))
        print(f"{name}, seed {seed}: {bits[-1]:.4f}", file=sys.stderr, flush=True)
    deviation = f" ± {stdev(bits):.4f}" if len(bits) > 1 else ""
    return f"{fmean(bits):.4f}{deviation}", f"{fmean(seconds):.0f}"


if __name__ == "__main__":
    main()
