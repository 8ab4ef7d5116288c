"""Other spellers of rare words: bits per spelled word of the validation documents, the classes' own bits not counted.

    python -m tests.benchmarks.spellers FOLDER [--words 300] [--seed 0]

FOLDER is a comparison of char and spaced. In the place of the speller's n-gram an LSTM of 128 units is tried, trained
on the training text's words, each once, as the n-gram is. Its best check is chosen on the very words that are counted,
and the weights of lexicon and caches are those chosen for the n-gram. In the place of the whole speller the column
``char`` is tried, with all its seeds, after all that stands before the word. It is asked for a token that begins there
and is not kept, so what it gives to all else is taken away: P(surface) / (1 − P(the token before goes on, or the
document ends) − Σ P(kept)), each token with its end. Only the column knows that the word is not kept; a speller does
not, and pays for it. That is computed for the first words only, and words with characters that training never showed
are left out. The last row is the mean of both probabilities.

Two networks of plain Keras are tried on all words: both are trained on the rare words of the training text, one begins
each word from the outputs of the column's network before it (the sentence; Mielke & Eisner 2019), one from nothing.
The column's network is that of ``--seed``, or the last if the folder has fewer; so are theirs.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from tests.benchmarks.recalling import outputs
from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.distribution import Floats, with_floor
from toolkit.events.encoding import DOC, Ids
from toolkit.inference.neural import NeuralModel
from toolkit.inference.spelled_out import Alphabet
from toolkit.network.backend import Tensor, keras, tf
from toolkit.results.comparison import FOUND, Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split
from toolkit.spelling.speller import WordSpeller
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import ESCAPE, FIRST, Characters
from toolkit.tokenizers.spaced import SPACE, Spaced, is_whole
from toolkit.training.trainer import train

UNITS, PASSES = 128, 30
EMBEDDED, ROWS, DROPPED = 64, 64, 0.3  # of the networks that may be given the sentence


class Word(NamedTuple):
    """A word that is spelled: the number of its document, where it begins, its class and its surface."""

    document: int
    start: int
    word_class: str
    surface: str


def spelled_words(tokenizer: Spaced, documents: Sequence[Document]) -> list[Word]:
    """All of them, in reading order."""
    words = []
    for number, document in enumerate(documents):
        encoding = tokenizer.encode(document)
        for place, surface in sorted(encoding.surfaces.items()):
            word_class = tokenizer.vocabulary.spelled[int(encoding.ids[place])]
            words.append(Word(number, int(encoding.offsets[place]), word_class, surface))
    return words


def speller_bits(speller: WordSpeller, words: Sequence[Word]) -> list[float]:
    """−log2 P(surface | class) of each word, with the cache of its document."""
    bits = []
    for number, word in enumerate(words):
        if not number or words[number - 1].document != word.document:
            spelling = speller.start()
        bits.append(spelling.bits(word.word_class, word.surface))
        spelling.observe(word.word_class, word.surface)
    return bits


def trained_on_words(speller: WordSpeller, words: Sequence[Word]) -> NeuralModel:
    """A network of characters whose documents are single words."""
    types = [Document(str(n), surface) for n, surface in enumerate(sorted({surface for _, surface in speller.types}))]
    tokenizer = Characters().fit(types)
    network = NetworkSettings(units=UNITS, dropout=0.3, recurrent_dropout=0.2)
    valid = [Document(str(number), word.surface) for number, word in enumerate(words)]
    settings = TrainSettings(epochs=PASSES, window_tokens=32, learning_rate=0.006, cooling=1.0, patience=15)
    training, validating = ([tokenizer.encode(document) for document in part] for part in (types, valid))
    model: NeuralModel = train(tokenizer, training, validating, network, settings, 0, lambda _: None).model
    return model


class Spelling:
    """A network's distributions of the next symbol of a word, in the place of the speller's n-gram."""

    def __init__(self, speller: WordSpeller, model: NeuralModel) -> None:
        self.speller, self.network, self.known = speller.tuned(), model.network, {}
        self.reserve = model.tokenizer.vocabulary.reserve
        ids = {character: id_ for id_, character in enumerate(model.tokenizer.vocabulary.tokens)}
        self.ids = [DOC, ESCAPE, *(ids.get(character, ESCAPE) for character in self.speller.characters)]
        vars(self.speller).update(ngram_distribution=self.distribution, ngram_path=self.path)

    def distribution(self, word_class: str, prefix: str) -> Floats:  # noqa: ARG002 - one class, as in the speller
        """P (symbols,) after a prefix; what the network lacks has the floor."""
        if prefix not in self.known:
            stepper = self.network.stepper()
            stepper.feed(DOC)
            for symbol in self.speller.spell(prefix)[:-1]:
                stepper.feed(self.ids[symbol])
            found = self.reserve.distribution(stepper.logits())[self.ids]
            found[2:][np.array(self.ids[2:]) == ESCAPE] = 0.0
            self.known[prefix] = with_floor(found / found.sum())
        return self.known[prefix]

    def path(self, word_class: str, surface: str) -> tuple[float, ...]:
        """P of each symbol of a surface, its end included."""
        symbols = self.speller.spell(surface)
        return tuple(float(self.distribution(word_class, surface[:n])[symbol]) for n, symbol in enumerate(symbols))


def spelled_in_sentences(model: NeuralModel, documents: Sequence[Document]) -> tuple[list[str], Floats]:
    """The surfaces of spelled words, in reading order, and the network's outputs (n, H) before each."""
    surfaces: list[str] = []
    before: list[Floats] = []
    for document in documents:
        encoding = model.tokenizer.encode(document)
        hidden = outputs(model.network, encoding.ids)
        for place, surface in sorted(encoding.surfaces.items()):
            surfaces.append(surface)
            before.append(hidden[place])
    return surfaces, np.array(before)


def bits_in_sentences(
    speller: WordSpeller, training: tuple[list[str], Floats], valid: tuple[list[str], Floats], *, sentence: bool
) -> Floats:
    """−log2 P (n,) of each valid word by a network of symbols, after the pass that is best for these very words."""
    size = len(speller.characters) + 2

    def padded(surfaces: Sequence[str]) -> tuple[Ids, Ids, Floats]:
        """Inputs and targets (n, T), and which of them count; a word begins after the symbol ``size``."""
        spelled = [speller.spell(surface) for surface in surfaces]
        targets = np.zeros((len(spelled), max(map(len, spelled))), np.int32)
        counts = np.zeros(targets.shape)
        for row, symbols in enumerate(spelled):
            targets[row, : len(symbols)], counts[row, : len(symbols)] = symbols, 1
        return np.insert(targets[:, :-1], 0, size, axis=1), targets, counts

    context, inputs = keras.Input((training[1].shape[1],)), keras.Input((None,), dtype="int32")
    state = [keras.layers.Dense(UNITS, "tanh")(context if sentence else 0 * context) for _ in range(2)]
    hidden = keras.layers.LSTM(UNITS, return_sequences=True)(
        keras.layers.Embedding(size + 1, EMBEDDED)(inputs), initial_state=state
    )
    network = keras.Model([context, inputs], keras.layers.Dense(size)(keras.layers.Dropout(DROPPED)(hidden)))
    network.compile(keras.optimizers.Adam(0.003), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y, counts = padded(training[0])
    valid_x, valid_y, valid_counts = padded(valid[0])
    best = np.full(len(valid_y), np.inf)
    for _ in range(PASSES):
        network.fit([training[1], x], y, sample_weight=counts, batch_size=ROWS, verbose=0)
        logs = log_softmax(network.predict([valid[1], valid_x], 256, verbose=0).astype(np.float64), -1)
        found: Floats = -(np.take_along_axis(logs, valid_y[..., None], -1)[..., 0] * valid_counts).sum(1) / np.log(2)
        if found.mean() < best.mean():
            best = found
    return best


class Tree(NamedTuple):
    """Prefixes of words, by length: of which prefix each is the continuation, by which id, and whether it is a word."""

    parents: list[Ids]
    ids: list[Ids]
    words: list[Ids]  # 0: no word, 1: one that must end, 2: one that is whole

    @classmethod
    def of(cls, words: Sequence[str], ids: dict[str, int]) -> "Tree":
        """That of words whose characters have these ids."""
        tree, place, whole = cls([], [], []), {"": 0}, set(words)
        for length in range(1, max(map(len, words)) + 1):
            prefixes = sorted({word[:length] for word in words if len(word) >= length})
            tree.parents.append(np.array([place[prefix[:-1]] for prefix in prefixes], np.int32))
            tree.ids.append(np.array([ids[prefix[-1]] for prefix in prefixes], np.int32))
            tree.words.append(np.array([(p in whole) * (2 if is_whole(p) else 1) for p in prefixes], np.int32))
            place = {prefix: n for n, prefix in enumerate(prefixes)}
        return tree


class Reader:
    """A network of characters, asked what words come next."""

    def __init__(self, model: NeuralModel, alphabet: Alphabet) -> None:
        self.network, self.alphabet = model.network, alphabet

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def step(ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            outputs, after = self.network.forward().step(ids, state)
            return tf.nn.softmax(self.network.output_layer().logits(outputs)), after

        self.step = step

    def states(self, ids: Sequence[int], places: set[int]) -> Iterator[tuple[Floats, Tensor]]:
        """P (1, V) of the next character and the state after so many ids of a document, for each of the places."""
        state = self.network.initial(1)
        for place, id_ in enumerate([DOC, *ids]):
            probabilities, state = self.step(np.array([id_], np.int32), state)
            if place in places:
                yield probabilities.numpy(), state

    def mass(self, tree: Tree, may_begin: npt.NDArray[np.bool_], probabilities: Floats, state: Tensor) -> float:
        """The probability that one of the tree's words comes next; its first character ``may_begin`` (V,) a token."""
        mass, reached = 0.0, np.ones(1)
        probabilities = probabilities * may_begin
        for length, (parents, ids, words) in enumerate(zip(*tree, strict=True), 1):
            reached = reached[parents] * probabilities[parents, ids]
            padding = (0, 2 ** (len(ids) - 1).bit_length() - len(ids))  # few sizes, so few graphs
            before = np.pad(parents, padding)
            state = tf.nest.map_structure(lambda s, before=before: tf.gather(s, before), state)
            probabilities, state = self.step(np.pad(ids, padding), state)
            probabilities = probabilities.numpy()[: len(ids)]
            spaces = (length == 1) & (ids == self.alphabet.characters.index(SPACE))
            on = np.where(spaces[:, None], self.alphabet.after_space, self.alphabet.after_word)  # (n, V)
            ends = np.where(words == 1, (probabilities * ~on).sum(1), 1.0)
            mass += float((reached * ends)[words > 0].sum())
        return mass


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    keras.utils.set_random_seed(options.seed)
    cells = Comparison.load(options.folder / FOUND).by_column
    of_words = cells["spaced:unk"]
    run = load_run(options.folder / of_words[min(options.seed, len(of_words) - 1)].run)
    letters = [load_run(options.folder / cell.run).model for cell in cells["char"]]
    documents, tokenizer = own_split(run.spec).valid, run.model.tokenizer
    assert isinstance(tokenizer, Spaced)
    words = spelled_words(tokenizer, documents)
    speller = tokenizer.speller
    assert isinstance(speller, WordSpeller)
    alone = speller.tuned(lexicon_share=0.0, concentration=None)
    network = trained_on_words(speller, words)
    rows = [
        ("n-gram alone", speller_bits(alone, words)),
        ("network of words alone", speller_bits(Spelling(alone, network).speller, words)),
        ("n-gram, lexicon and caches (the speller)", speller_bits(speller, words)),
        ("network of words, lexicon and caches", speller_bits(Spelling(speller, network).speller, words)),
    ]
    assert isinstance(run.model, NeuralModel)
    training, valid = (spelled_in_sentences(run.model, part) for part in (own_split(run.spec).train, documents))
    by_speller = 2.0 ** -np.array(rows[2][1])
    for name, sentence in (("from nothing", False), ("from the sentence", True)):
        bits = bits_in_sentences(speller, training, valid, sentence=sentence)
        rows.append((f"network that begins {name}", bits.tolist()))
        rows.append((f"half the speller, half that, {name}", (-np.log2((by_speller + 2.0**-bits) / 2)).tolist()))
    alphabet = Alphabet.of(letters[0].tokenizer.vocabulary.tokens)
    ids = {character: id_ for id_, character in enumerate(alphabet.characters) if id_ >= FIRST}
    known = [number for number, word in enumerate(words) if ids.keys() >= set(word.surface)][: options.words]
    tree = Tree.of([word for word in tokenizer.kept_words if ids.keys() >= set(word)], ids)
    probabilities = np.mean(
        [
            column_probabilities(Reader(model, alphabet), tree, tokenizer, documents, [words[n] for n in known], ids)
            for model in letters
            if isinstance(model, NeuralModel)
        ],
        0,
    )
    of_speller = 2.0 ** -np.array(rows[2][1])[known]
    few = [
        ("the column char after the text before", -np.log2(probabilities)),
        ("half the speller, half the column", -np.log2((of_speller + probabilities) / 2)),
    ]
    characters = sum(len(document.text) for document in documents)
    print(f"{len(words):,} spelled words of {characters:,} characters in {len(documents)} validation documents")
    print(f"| speller | bits per word | of {len(known)} of the first |\n| --- | ---: | ---: |")
    for name, bits in rows:
        print(f"| {name} | {np.mean(bits):.2f} | {np.mean(np.array(bits)[known]):.2f} |")
    for name, bits in few:
        print(f"| {name} | | {np.mean(bits):.2f} |")


def column_probabilities(
    reader: Reader,
    tree: Tree,
    tokenizer: Spaced,
    documents: Sequence[Document],
    words: Sequence[Word],
    ids: dict[str, int],
) -> Floats:
    """P (n,) of each surface by a network of characters, among tokens that begin there and are not in the tree."""
    found = []
    for number, document in enumerate(documents):
        here = [word for word in words if word.document == number]
        if not here:
            continue
        tokens = tokenizer.segmenter.cut(document).texts
        before = dict(zip(accumulate(map(len, tokens)), tokens, strict=True))  # the token that ends at each place
        text = [ids.get(character, ESCAPE) for character in document.text[: here[-1].start]]
        states = reader.states(text, {word.start for word in here})
        for word, (probabilities, state) in zip(here, states, strict=True):
            token = before.get(word.start, "")
            may_begin = np.ones(probabilities.shape[1], bool)
            if token and not is_whole(token):
                may_begin = ~reader.alphabet.going_on(token)
            may_begin[DOC] = False
            rare = probabilities[0][may_begin].sum() - reader.mass(tree, may_begin, probabilities, state)
            found.append(reader.mass(Tree.of([word.surface], ids), may_begin, probabilities, state) / rare)
    return np.array(found)


if __name__ == "__main__":
    main()
