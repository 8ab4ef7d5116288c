"""Find out whether to model a text corpus by characters, by words or by something in between.

``compare`` is the main job, ``train`` one cell of it, ``inspect`` an answer before training, ``load`` gives the model
of a run. A public name is imported when it is first used, so ``import toolkit`` loads nothing heavy.
"""

import importlib
from typing import TYPE_CHECKING, Any

from toolkit.environment import VERSION

if TYPE_CHECKING:
    from toolkit import contracts as contracts
    from toolkit.comparison.compare import compare as compare
    from toolkit.comparison.compare import train as train
    from toolkit.errors import InputError as InputError
    from toolkit.evaluation.audit import audit as audit
    from toolkit.evaluation.metrics import MEASURES as MEASURES
    from toolkit.inference.model import Model as Model
    from toolkit.inspection.inspection import inspect as inspect
    from toolkit.network.cells import GRU as GRU
    from toolkit.network.cells import LSTM as LSTM
    from toolkit.rare_words import RARE_WORDS as RARE_WORDS
    from toolkit.results.comparison import Comparison as Comparison
    from toolkit.runs.folder import load as load
    from toolkit.text.corpus import Corpus as Corpus
    from toolkit.text.corpus import Document as Document
    from toolkit.tokenizers import TOKENIZERS as TOKENIZERS
    from toolkit.training import MODELS as MODELS

_MODULES = {
    "Comparison": "results.comparison",
    "Corpus": "text.corpus",
    "Document": "text.corpus",
    "GRU": "network.cells",
    "InputError": "errors",
    "LSTM": "network.cells",
    "MEASURES": "evaluation.metrics",
    "MODELS": "training",
    "Model": "inference.model",
    "RARE_WORDS": "rare_words",
    "TOKENIZERS": "tokenizers",
    "audit": "evaluation.audit",
    "compare": "comparison.compare",
    "contracts": "contracts",
    "inspect": "inspection.inspection",
    "load": "runs.folder",
    "train": "comparison.compare",
}
__version__ = VERSION
__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> Any:
    """Import a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"toolkit.{_MODULES[name]}")
    return module if name == "contracts" else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
