"""The commands that run a comparison again, or train it further."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from toolkit.config import HOW_LONG, LENGTH_OPTIONS, LENGTHS
from toolkit.results.comparison import Comparison
from toolkit.results.resources import BY_LENGTH

NOT_AGAIN = ("--fresh", "--open", "--quiet", "--json")  # options that a command to run next does without


def how_to_train_on(comparison: Comparison) -> str:
    """What trains a comparison further: a command that goes on with it, or else a new start."""
    command = latest(comparison.command)
    if command.startswith("toolkit report"):
        return "train each of the joined comparisons longer, and join them again"
    if option := longer_only_by(comparison):
        return f"start again with a larger {option}"
    return train_on(command)


def longer_only_by(comparison: Comparison) -> str:
    """What makes training longer in a new start where ``--more`` is refused: where cells have lengths of their own.

    Lengths that ``--match`` has given columns grow with that of the comparison. Empty where ``--more`` goes on.
    """
    match, length = comparison.settings.get("match"), deciding(comparison.settings.get("train", {}))
    if match in BY_LENGTH:
        in_epochs = length == "epochs" or re.search(r"--epochs\b|\bepochs=", comparison.command)
        return "--epochs" if in_epochs else "train.updates"
    trains = {name: table.get("train", {}) for name, table in comparison.settings.get("columns", {}).items()}
    if match or not all(HOW_LONG.isdisjoint(train) for train in trains.values()):
        own = [f"columns.{json.dumps(name)}.train.{key}" for name, train in trains.items() if (key := deciding(train))]
        return " or ".join(own) or LENGTH_OPTIONS.get(length, "train.updates")
    in_folds = any(cell.fold for cell in comparison.done)  # --more goes on in one fold alone
    return "--epochs or --budget" if in_folds or comparison.corpus.fractions else ""


def deciding(train: Mapping[str, Any]) -> str:
    """Which of the settings of training says how long it is; empty if none does.

    >>> deciding({"updates": 40, "epochs": 2}), deciding({"batch": 8})
    ('epochs', '')
    """
    return next((name for name in LENGTHS if train.get(name) is not None), "")


def latest(command: str) -> str:
    """The last of the commands that a comparison has grown by: the folder keeps what the others asked for.

    >>> latest("toolkit compare --seeds 1; toolkit compare --seeds 2")
    'toolkit compare --seeds 2'
    """
    return re.split(r"; (?=toolkit)", command)[-1]


def to_run_again(command: str) -> list[str]:
    """The words of a ``toolkit compare`` that is to be run again, without the options that it then does without.

    Empty if the text is no such command: a call in Python, or whatever a caller wrote there.

    >>> to_run_again("toolkit compare --corpus 'my novels' --fresh")
    ['toolkit', 'compare', '--corpus', 'my novels']
    >>> to_run_again("toolkit compare for Anna's class")
    []
    """
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that does not end
        return []
    if words[:2] != ["toolkit", "compare"] or not all(word.startswith("-") for word in words[2:3]):
        return []
    return [word for word in words if word not in NOT_AGAIN]


def train_on(command: str) -> str:
    """The command that trains a finished comparison further, and the options that would have made it longer.

    What was trained further already goes on to twice that.

    >>> train_on("toolkit compare --tokenizers char,word --budget 1m --fresh")
    '`toolkit compare --tokenizers char,word --budget 1m --more 2x` (or start again with a larger --budget)'
    >>> train_on("toolkit.compare(tokenizers=['char'], more='2x')")
    "`toolkit.compare(tokenizers=['char'], more='4x')`"
    >>> train_on("for Anna's class")
    'ask for the same again with --more 2x'
    """
    before = re.search(r"\bmore[ =]'?([\d.]+)x?'?", command)
    factor = f"{2 * float(before[1] if before else 1):g}x"
    if words := to_run_again(command):
        longer = re.sub(r" --more[ =]\S+", "", shlex.join(words)) + f" --more {factor}"
    elif command.startswith("toolkit.compare("):
        longer = re.sub(r"\bmore=[^,)]+(, )?", "", command).removesuffix(")").removesuffix(", ")
        longer += ("" if longer.endswith("(") else ", ") + f"more='{factor}')"
    else:
        return f"ask for the same again with --more {factor}"
    given = [option for option in ("budget", "epochs") if re.search(rf"\b{option}\b", command)]
    again = f" (or start again with a larger {' or '.join(f'--{option}' for option in given)})" if given else ""
    return f"`{longer}`{again}"
