"""Find out whether to model a text corpus by characters, by words or by something in between.

The public names, imported when they are first used: ``import toolkit`` itself loads nothing heavy. ``compare`` is the
main job, ``train`` one cell of it, ``inspect`` an answer before training, ``load`` gives the model of a run. The
command line calls these.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit import contracts
    from toolkit.comparison.library import compare, train
    from toolkit.errors import InputError, VerificationError
    from toolkit.evaluation.metrics import MEASURES
    from toolkit.inference.model import Model
    from toolkit.inference.word_costs import WordCost
    from toolkit.inspection.inspection import inspect
    from toolkit.network import CELLS
    from toolkit.network.gru import GRU
    from toolkit.network.lstm import LSTM
    from toolkit.rare_words import RARE_WORDS
    from toolkit.results.cell import Cell, FailedCell
    from toolkit.results.comparison import Comparison
    from toolkit.results.inspection import Inspection
    from toolkit.runs.folder import load
    from toolkit.text.corpus import Corpus, Document
    from toolkit.tokenizers import TOKENIZERS
    from toolkit.training import MODELS

__version__ = "0.2.0"

__all__ = [
    "CELLS",
    "GRU",
    "LSTM",
    "MEASURES",
    "MODELS",
    "RARE_WORDS",
    "TOKENIZERS",
    "Cell",
    "Comparison",
    "Corpus",
    "Document",
    "FailedCell",
    "InputError",
    "Inspection",
    "Model",
    "VerificationError",
    "WordCost",
    "__version__",
    "compare",
    "contracts",
    "inspect",
    "load",
    "train",
]

_MODULES = {  # where each name is, as above
    "CELLS": "network",
    "GRU": "network.gru",
    "LSTM": "network.lstm",
    "MEASURES": "evaluation.metrics",
    "MODELS": "training",
    "RARE_WORDS": "rare_words",
    "TOKENIZERS": "tokenizers",
    "Cell": "results.cell",
    "Comparison": "results.comparison",
    "Corpus": "text.corpus",
    "Document": "text.corpus",
    "FailedCell": "results.cell",
    "InputError": "errors",
    "Inspection": "results.inspection",
    "Model": "inference.model",
    "VerificationError": "errors",
    "WordCost": "inference.word_costs",
    "compare": "comparison.library",
    "inspect": "inspection.inspection",
    "load": "runs.folder",
    "train": "comparison.library",
}


def __getattr__(name: str) -> Any:
    """A public name, imported now (PEP 562)."""
    if name == "contracts":
        return importlib.import_module("toolkit.contracts")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"toolkit.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
