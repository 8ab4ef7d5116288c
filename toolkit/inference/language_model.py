"""A causal language model that was trained elsewhere, computed by torch.

A document is the model's beginning token, if it has one, the text's tokens and the end token. It is read in windows as
long as the model's context, at most MAX_CONTEXT tokens. Each window but the first repeats half of the one before it,
and scores only its new half. So each token is scored once, and all but a document's first tokens have at least half a
context before them.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from toolkit.environment import cores
from toolkit.events.coding import Stepper
from toolkit.events.distribution import Fine, Floats
from toolkit.events.encoding import DOC, Events
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, document_scores
from toolkit.network import SHARE
from toolkit.tokenizers.pretrained import ModelTokens

MAX_CONTEXT = 2048  # tokens of a window, whose outputs take more than a gigabyte
SAMPLED_EVENTS = 20  # each may be read after a whole window


class LanguageModel(Model):
    """A causal language model of the library ``transformers`` with its own tokens.

    P is its softmax over all V ids of its output. Without a beginning token, a document's first token costs log2 V.
    Without an end token the end costs nothing, so no coder can code it.
    """

    def __init__(self, tokenizer: ModelTokens) -> None:
        """Load the model. Raises InputError if packages or files of it are missing."""
        self.tokenizer, self.network, config = tokenizer, tokenizer.network(), tokenizer.config()
        self.parameters = self.network.num_parameters()
        self.embedding_parameters = self.network.get_input_embeddings().weight.numel()
        self.multiply_adds = self.parameters - self.embedding_parameters * (not config.tie_word_embeddings)
        self.context = min(getattr(config, "max_position_embeddings", MAX_CONTEXT), MAX_CONTEXT)
        self.size, beginning = config.vocab_size, tokenizer.special_id("bos")
        self.beginning = [] if beginning is None else [beginning]
        end = min({*range(self.size + 1)}.difference(tokenizer.library_ids))
        self.order = np.array([end, *tokenizer.library_ids])  # the model's id of each of ours; V for no end
        self.sampled_events = SAMPLED_EVENTS * (end < self.size)

    def at_rate(self, rate: float) -> Stepper:  # noqa: ARG002
        """Return the model at the beginning of a document. It learns at no rate."""
        return WindowStepper(self)

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores of each document."""
        scores, ends_words = [], self.tokenizer.vocabulary.ends_words
        for encoding in encodings:
            ids = encoding.ids
            read = self.distributions([encoding], [range(len(ids))])
            paid, ending = -np.log2([(p[ids[place]], p[ends_words].sum()) for _, place, p in read]).T
            paid[-1] *= self.sampled_events > 0  # without an end token it is free
            scores.append(document_scores(self.tokenizer, encoding, paid, ending))
        return scores

    def distributions(
        self, encodings: Sequence[Events], places: Sequence[Collection[int]]
    ) -> Iterator[tuple[int, int, Floats]]:
        """Yield document number, place and distribution (V,) for some places of each document, in order."""
        half = self.context // 2
        for number, (encoding, of_document) in enumerate(zip(encodings, places, strict=True)):
            tokens = [*self.beginning, *self.order[encoding.ids].tolist()]
            if not self.beginning and 0 in of_document:
                yield number, 0, self.probabilities(np.zeros(self.size))
            for start in range(0, max(len(tokens) > 1, len(tokens) - self.context + half), half):
                first = self.context - half if start else 1  # of the window's tokens that are scored
                logits = self.read(tokens[start : start + self.context][:-1], SHARE.threads or cores())
                for place, row in enumerate(logits[first - 1 :], start + first - len(self.beginning)):
                    if place in of_document:
                        yield number, place, self.probabilities(row)

    def read(self, tokens: Sequence[int], threads: int = 1) -> Floats:
        """Return the logits (n, V) after each token of a window (n,). Their last digits depend on the threads."""
        import torch

        torch.set_num_threads(threads)
        with torch.inference_mode():
            logits = self.network(input_ids=torch.tensor([tokens], device=self.network.device)).logits
        return logits[0].cpu().numpy()  # type: ignore[no-any-return]

    def probabilities(self, logits: Floats) -> Floats:
        """Return P (V,) of all ids of the vocabulary, given the model's logits (V,)."""
        from scipy.special import softmax  # takes a quarter of a second, and few columns need it

        shares = np.append(softmax(logits.astype(np.float64)), 0.0)[self.order]
        return np.maximum(shares, 1e-300).view(Fine)  # type: ignore[no-any-return] # a coder needs more than 0


class WindowStepper:
    """A ``Stepper`` through the windows of scoring. Each step reads its whole window again."""

    def __init__(self, model: LanguageModel) -> None:
        self._model, self._window = model, model.beginning

    def distribution(self) -> Floats:
        """Return P (V,) of the next event."""
        model, window = self._model, self._window
        return model.probabilities(model.read(window)[-1] if window else np.zeros(model.size))

    def feed(self, id_: int) -> None:
        """Pass an event. A full window gives way to the next one."""
        window, context = [*self._window, int(self._model.order[id_])], self._model.context
        self._window = self._model.beginning if id_ == DOC else window[len(window) // context * (context // 2) :]
