"""The options that several commands share."""

from collections.abc import Sequence
from pathlib import Path

import typer

from toolkit.text.catalogue import DEFAULT

CORPUS = typer.Option(DEFAULT, help="A bundled corpus, a folder of .txt files, or one .txt file.")
SPLIT_SEED = typer.Option(0, help="Which documents are held out.")
EPOCHS = typer.Option(None, help="Passes over the training text; by default as the recipe says.")
BUDGET = typer.Option(None, help="Time for each cell's training, such as 90s or 5m.")
VERIFY = typer.Option(False, "--verify", help="Compress and decompress the held-out text with every cell.")
RARE_MAX_COUNT = typer.Option(None, help="A word with at most so many occurrences is rare (1).")
RARE_MAX_DOCUMENTS = typer.Option(None, help="A word of at most so many documents is rare instead.")
SPACY_MODEL = typer.Option(None, help="The spaCy model that tags words; by default the language's small one.")
LANGUAGE = typer.Option(None, help="The corpus's language, such as en or fr; by default the model's, or en.")
CONFIG = typer.Option(None, help="A TOML file of settings.")
SET = typer.Option([], "--set", help="A setting, KEY=VALUE, such as network.units=128.")
CODE = typer.Option([], "--code", help="A Python file that adds tokenizers or strategies; may be given again.")
TENSORBOARD = typer.Option(False, "--tensorboard", help="Log each training for TensorBoard, beside runs/.")
QUIET = typer.Option(False, "--quiet", help="Show the result only.")


def run_code(code: Sequence[Path]) -> None:
    """Run the files of ``--code``. Raises InputError where one cannot be run."""
    from toolkit.plugins import load_code

    for path in code:
        load_code(path)
