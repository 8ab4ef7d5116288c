from . import contracts as contracts
from .comparison.compare import compare as compare
from .comparison.compare import train as train
from .errors import InputError as InputError
from .evaluation.audit import audit as audit
from .evaluation.metrics import MEASURES as MEASURES
from .inference.model import Model as Model
from .inspection.inspection import inspect as inspect
from .network.cells import GRU as GRU
from .network.cells import LSTM as LSTM
from .rare_words import RARE_WORDS as RARE_WORDS
from .results.comparison import Comparison as Comparison
from .runs.folder import load as load
from .text.corpus import Corpus as Corpus
from .text.corpus import Document as Document
from .tokenizers import TOKENIZERS as TOKENIZERS
from .training import MODELS as MODELS

__version__: str
