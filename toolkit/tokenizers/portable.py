"""Tokenizers in tables that the living page reads: what it needs of each to cut a text and to spell as we do."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from toolkit.events.distribution import surprise_share
from toolkit.events.protocols import Speller, Tokenizer
from toolkit.rare_words.drop import Drop
from toolkit.rare_words.keep import Keep
from toolkit.rare_words.pos import PartOfSpeech
from toolkit.rare_words.shape import Shape
from toolkit.rare_words.spell import Spell
from toolkit.rare_words.tag import FineTag
from toolkit.rare_words.unk import Unknown
from toolkit.spelling.speller import WordSpeller
from toolkit.spelling.uniform import UniformSpeller
from toolkit.text.javascript import UntranslatableError, tokenizer_rules
from toolkit.text.segmentation import JOINER
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.lexical import Lexical
from toolkit.tokenizers.subwords import BytePairs, GivenTokenizer, Subwords
from toolkit.tokenizers.whitespace import Whitespace
from toolkit.tokenizers.words import Words

FIXED, LISTED = (Unknown, Keep, Drop), (PartOfSpeech, FineTag)  # one class; a tagger's classes

Table = dict[str, Any]
Guess = Callable[[str], Sequence[int]]  # the ids of the classes that may stand for a surface


class UnportableError(Exception):
    """The page cannot cut or spell as this column does; the message says why, as the end of a sentence."""


def tables(tokenizer: Tokenizer) -> Table:
    """The tokenizer and its speller as JSON values, each with the ``kind`` that the page's scripts have for it.

    Raises UnportableError if they have none.
    """
    if type(tokenizer) is Characters:
        cutting: Table = {"kind": "Characters", "alphabet": tokenizer.state()["alphabet"]}
    elif type(tokenizer) in (BytePairs, GivenTokenizer) and isinstance(tokenizer, Subwords):
        cutting = subwords(tokenizer)
    elif type(tokenizer) in (Words, Whitespace) and isinstance(tokenizer, Lexical):
        cutting = lexical(tokenizer)
    else:
        raise UnportableError(f"its tokenizer ({type(tokenizer).__name__}) has not been written for this page")
    return {"tokenizer": cutting, "speller": spelling(tokenizer.speller, cutting)}


def subwords(tokenizer: Subwords) -> Table:
    """The table of byte pairs. Raises UnportableError if the library's tokenizer is of another kind."""
    library = json.loads(tokenizer.state()["tokenizer"])
    model, cut = library["model"], library["pre_tokenizer"] or {}
    plain = (
        model["type"] == "BPE"
        and not any(model.get(name) for name in ("continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"))
        and not (library["normalizer"] or library["added_tokens"])
        and cut.get("type") == "ByteLevel"
        and (cut["add_prefix_space"], cut.get("use_regex", True)) == (False, True)
    )
    if not plain:
        raise UnportableError("its tokenizer.json is not plain byte-level byte pairs, the only kind that this page has")
    merges = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    vocabulary = tokenizer.vocabulary
    return {
        "kind": "BytePairs",
        "tokens": list(vocabulary.tokens),
        "merges": merges,
        "other": next(iter(vocabulary.spelled), None),
        "letter": tokenizer.letter,
    }


def lexical(tokenizer: Lexical) -> Table:
    """The table of words. Raises UnportableError for a strategy, or a language, that the page does not have."""
    if tokenizer.strategy.closed:
        raise UnportableError("its vocabulary is closed, so it refuses most sentences")
    state = tokenizer.state()
    symbols = [[symbol.name, symbol.text, symbol.ends] for symbol in tokenizer.symbols]
    return {
        "kind": "Lexical",
        "segmenter": segmenter(tokenizer),
        "strategy": strategy(tokenizer),
        "symbols": symbols,
        "kept": state["kept"],
        "marksCase": tokenizer.marks_case,
        "usualMarks": state["usual_marks"],
        "usualCases": state["usual_cases"] if tokenizer.marks_case else {},
        "fillings": state["fillings"],
        "resting": state.get("resting", {}),
    }


def segmenter(tokenizer: Lexical) -> Table:
    """How words are cut. Raises UnportableError if spaCy cuts the language with more than rules."""
    if type(tokenizer) is Whitespace:
        return {"kind": "WhitespaceWords"}
    try:
        rules = tokenizer_rules(tokenizer.tagger.pipeline.tokenizer)
    except UntranslatableError as error:
        raise UnportableError(f"its words are cut by {error}") from error
    return {"kind": "SpacyWords", "dashes": tokenizer.tagger.cuts_dashes, **rules}


def strategy(tokenizer: Lexical) -> Table:
    """Which events stand for a rare word. Raises UnportableError if the page cannot know its class."""
    kind = type(tokenizer.strategy)
    if kind in FIXED:
        return {"kind": "fixed"}
    if kind in LISTED:
        return {"kind": "listed", "classes": len(tokenizer.symbols), "known": known_classes(tokenizer)}
    if isinstance(tokenizer.strategy, Shape) and kind is Shape:
        return {"kind": "shape", "shapes": list(tokenizer.strategy.classes), "endings": tokenizer.strategy.endings}
    if tokenizer.strategy_name == "cluster":
        raise UnportableError("its classes are told from the next word too, which is not there yet while one types")
    if kind is Spell:
        return {"kind": "spelled", "letters": [JOINER, *tokenizer.state()["alphabet"]]}
    raise UnportableError(f"the strategy {tokenizer.strategy_name} has not been written for this page")


def known_classes(tokenizer: Lexical) -> dict[str, int]:
    """The number of the class that each rare word of the training text mostly has there, by its surface."""
    numbers = {symbol.name: number for number, symbol in enumerate(tokenizer.symbols)}
    counts = tokenizer.state()["fillings"]
    most: dict[str, tuple[int, str]] = {}
    for name, surfaces in counts.items():
        for surface, count in surfaces.items():
            most[surface] = max(most.get(surface, (0, name)), (count, name))
    return {surface: numbers[name] for surface, (_, name) in most.items()}


def spelling(speller: Speller, cutting: Table) -> Table:
    """The table of a speller. Raises UnportableError if it is someone else's."""
    if isinstance(speller, UniformSpeller):
        return {"kind": "UniformSpeller", "outcomes": max(1, speller.unseen.distribution.outcomes)}
    if type(speller) is not WordSpeller:
        raise UnportableError(f"its speller ({type(speller).__name__}) has not been written for this page")
    types: dict[str, list[str]] = {}
    lexicon: dict[str, dict[str, int]] = {}
    for word_class, surface in sorted(speller.types):
        types.setdefault(word_class, []).append(surface)
    for word_class, surface in sorted(speller.lexicon):
        lexicon.setdefault(word_class, {})[surface] = speller.lexicon[word_class, surface]
    settings = ("order", "lexicon_share", "concentration", "shared_concentration")
    return {
        "kind": "WordSpeller",
        **{name: getattr(speller, name) for name in settings},
        "characters": list(speller.characters),
        "escape_share": surprise_share(*speller.escapes),
        "types": types,
        "lexicon": lexicon,
        "within_shape": speller.restriction is not None,
        "endings": cutting["strategy"].get("endings"),
    }


def guesses(tokenizer: Tokenizer) -> Guess | None:
    """Which ids the page takes for a surface, if it cannot know its class; None if it knows all classes."""
    if not isinstance(tokenizer, Lexical) or type(tokenizer.strategy) not in LISTED:
        return None
    first = min(tokenizer.vocabulary.spelled)
    known, all_ids = known_classes(tokenizer), range(first, first + len(tokenizer.symbols))
    return lambda surface: [first + known[surface]] if surface in known else all_ids
