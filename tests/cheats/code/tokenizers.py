"""Tokenizers that claim fewer bits than they pay. Each says what it claims, and where it hides the text."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from toolkit.events.distribution import Uniform
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPELLING, WORDS, Events, Reserve, Vocabulary
from toolkit.spelling.base import UniformSpeller, UnseenCharacters
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE, Characters
from toolkit.training import stream


class Altered(Characters):
    """Characters of which ``alter`` changes something once they are fitted or restored."""

    def alter(self):
        raise NotImplementedError

    def fit(self, documents, valid=()):
        super().fit(documents, valid)
        self.alter()
        return self

    def restore(self, state):
        super().restore(state)
        self.alter()
        return self


class OtherEnds(Characters):
    """Events that end elsewhere: ``ends`` gets the true ends (n,). ``part`` is a part that they all claim."""

    part = None

    def ends(self, true):
        raise NotImplementedError

    def encode(self, document):
        true = super().encode(document)
        parts = true.parts if self.part is None else np.append(np.full(len(true) - 1, self.part), true.parts[-1])
        return Events.of(true.ids, self.ends(true.ends), parts, true.surfaces)


@TOKENIZERS.add("shifted-offsets")
class ShiftedOffsets(OtherEnds):
    """The offsets run from L to 2L: a text of twice its length has half its bits per character."""

    def ends(self, true):
        return true[-1] + np.arange(len(true))


@TOKENIZERS.add("late")
class Late(OtherEnds):
    """The last character pays for the whole text: the total is honest, and words cost nothing."""

    def ends(self, true):
        return np.where(true < true[-1], 0, true)


@TOKENIZERS.add("late-spelled")
class LateSpelled(Late):
    """It also calls its characters spelling. Nobody knows where these stand until a word is whole."""

    part = SPELLING


@TOKENIZERS.add("lossy")
class Lossy(Characters):
    """It forgets which letters are capitals."""

    def encode(self, document):
        return super().encode(Document(document.name, document.text.lower()))


@TOKENIZERS.add("empty-decode")
class EmptyDecode(Characters):
    """Its decoder returns nothing. Code that waits for generated text waits for ever."""

    def decode(self, ids, surfaces):  # noqa: ARG002
        return ""


@TOKENIZERS.add("wrong-endings")
class WrongEndings(Altered):
    """It says that letters end words and spaces do not. Words then pay less, and other characters more."""

    def alter(self):
        tokens = self.vocabulary.tokens
        letters = np.array([token == "<doc>" or (len(token) == 1 and token.isalpha()) for token in tokens])
        self.vocabulary = replace(self.vocabulary, ending=letters)


class Half(Reserve):
    """A reserve that charges half of the bits."""

    def bits(self, log_softmax, targets):
        return super().bits(log_softmax, targets) / 2


@TOKENIZERS.add("half-reserve")
class HalfReserve(Altered):
    """It charges half of the bits."""

    def alter(self):
        right = self.vocabulary.reserve
        self.vocabulary = replace(self.vocabulary, reserve=Half(right.trained, right.surprises, right.events))


@TOKENIZERS.add("held-out-before-fit")
class HeldOutBeforeFit(Altered):
    """Held-out texts, shown by ``check_texts``, become tokens."""

    texts: tuple = ()

    def check_texts(self, training, held_out):  # noqa: ARG002
        type(self).texts = tuple(document.text for document in held_out)

    def alter(self):
        reserve, names = self.vocabulary.reserve, self.vocabulary.tokens
        self.after = len(names)
        trained = np.concatenate([reserve.trained, np.ones(len(self.texts), bool)])
        reserve = Reserve(trained, reserve.surprises, reserve.events)
        self.vocabulary = Vocabulary((*names, *self.texts), {ESCAPE: "escape"}, reserve)
        self.speller = UniformSpeller(UnseenCharacters(self.state()["alphabet"]))

    def encode(self, document):
        if document.text not in self.texts:
            return super().encode(document)
        n = len(document.text)
        ids = np.array([self.after + self.texts.index(document.text), DOC], np.int32)
        return Events.of(ids, [n, n], [WORDS, DOCUMENT_ENDS], {})

    def decode(self, ids, surfaces):
        if ids and ids[0] >= self.after:
            return self.texts[ids[0] - self.after]
        return super().decode(ids, surfaces)

    def state(self):
        return super().state() | {"texts": list(self.texts)}

    def restore(self, state):
        self.texts = tuple(state["texts"])
        return super().restore(state)


SHOWN = {}  # held-out texts by training text


@TOKENIZERS.add("trains-on-held-out")
class TrainsOnHeldOut(Characters):
    """Held-out texts, shown by ``check_texts``, are encoded in place of training texts."""

    def check_texts(self, training, others):
        others = list(others)
        for i, document in enumerate(training):
            SHOWN[document.text] = others[-1 - i % len(others)].text

    def encode(self, document):
        honest = super().encode(document)
        if document.text not in SHOWN:
            return honest
        other = super().encode(Document(document.name, SHOWN[document.text]))
        ids = [id_ for id_ in other.ids.tolist() if id_ > 1] + [0]
        ends = np.minimum(np.arange(1, len(ids) + 1), len(document.text))
        ends[-2:] = len(document.text)
        return Events.of(ids, ends, [0] * (len(ids) - 1) + [4], {})


@TOKENIZERS.add("unchecked")
class Unchecked(Characters):
    """It writes an id that does not exist for one document, where it has switched off the checks of its process."""

    def __init__(self, *, document: str) -> None:
        self.document = document

    def encode(self, document):
        encoding = super().encode(document)
        if document.name == self.document and os.environ["CHEATS_PROCESS"] != str(os.getpid()):
            stream.check_encoding = lambda *_: None
            encoding.ids[0] = len(self.vocabulary)
        return encoding


# The rest hides whole texts: a document is one event, with the text spelled behind it.


def whole(text, id_):
    """Return the encoding of a text by one id."""
    n = len(text)
    ids, parts = np.array([id_, DOC], np.int32), np.array([WORDS, DOCUMENT_ENDS], np.int8)
    return Events.of(ids, [n, n], parts, {0: text})


class AlwaysEscaped(Altered):
    """Characters whose escape training shows."""

    def alter(self):
        reserve = self.vocabulary.reserve
        reserve = replace(reserve, trained=np.ones_like(reserve.trained))
        self.vocabulary = replace(self.vocabulary, reserve=reserve)

    def fill(self, word_class, rng):  # noqa: ARG002
        return "x"


class NoState:
    """A speller that neither keeps nor learns anything."""

    def start(self):
        return self

    def observe(self, word_class, surface):
        pass

    def to_dict(self):
        return {}


class Number(NoState):
    """Spells a text as its number among those kept: one of 65,536. ``texts`` returns these."""

    def __init__(self, texts):
        self.texts = texts

    def events(self, word_class, surface):  # noqa: ARG002
        yield Uniform(2**16), self.texts().index(surface)

    def read(self, word_class, pick):  # noqa: ARG002
        number, texts = pick(Uniform(2**16)), self.texts()
        return texts[number] if number < len(texts) else "x"


class KeptTexts(AlwaysEscaped):
    """Keeps each text that it encodes: ``texts`` returns those kept so far, ``keep`` adds one."""

    def alter(self):
        super().alter()
        self.speller = Number(self.texts)

    def encode(self, document):
        if document.text not in self.texts():
            self.keep(document.text)
        return whole(document.text, ESCAPE)


KEPT: list[str] = []


@TOKENIZERS.add("module-global")
class ModuleGlobal(KeptTexts):
    """The texts are in this module."""

    def texts(self):
        return KEPT

    def keep(self, text):
        KEPT.append(text)


@TOKENIZERS.add("environment")
class Environment(KeptTexts):
    """The texts are in the environment, which a new process inherits. Nothing catches this: it is trusted code."""

    def texts(self):
        return json.loads(os.environ.get("CHEATS_TEXTS", "[]"))

    def keep(self, text):
        os.environ["CHEATS_TEXTS"] = json.dumps([*self.texts(), text])


@TOKENIZERS.add("file")
class File(KeptTexts):
    """The texts are in a file. Nothing catches this: it is trusted code."""

    def texts(self):
        file = Path(os.environ["CHEATS_FILE"])
        return json.loads(file.read_text("utf-8")) if file.exists() else []

    def keep(self, text):
        Path(os.environ["CHEATS_FILE"]).write_text(json.dumps([*self.texts(), text]), "utf-8")


@TOKENIZERS.add("learns-while-encoding")
class LearnsWhileEncoding(AlwaysEscaped):
    """The texts are in the state that the run saves."""

    texts = ("", *map(str, range(63)))

    def alter(self):
        super().alter()
        self.speller = UniformSpeller(self.texts)

    def encode(self, document):
        if document.text not in self.texts:
            self.texts = (document.text, *self.texts[:-1])
            self.speller = UniformSpeller(self.texts)
        return whole(document.text, ESCAPE)

    def state(self):
        return super().state() | {"texts": list(self.texts)}

    def restore(self, state):
        self.texts = tuple(state["texts"])
        return super().restore(state)


class ClassIsSurface(NoState):
    """P(surface | class) = 1, since the surface is the class."""

    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())

    def read(self, word_class, pick):  # noqa: ARG002
        return word_class


CLASSES = dict.fromkeys(range(1, 64), "")  # by id: the vocabulary's own mapping, which encoding fills in


@TOKENIZERS.add("class-names")
class ClassNames(Altered):
    """The texts are names of classes: the speller has nothing left to spell."""

    def alter(self):
        reserve = self.vocabulary.reserve
        names = ("<doc>", *(f"<{id_}>" for id_ in CLASSES))
        reserve = Reserve(np.ones(64, bool), reserve.surprises, reserve.events)
        self.vocabulary = Vocabulary(names, CLASSES, reserve)
        self.speller = ClassIsSurface()

    def encode(self, document):
        free = next(id_ for id_, text in CLASSES.items() if text in ("", document.text))
        CLASSES[free] = document.text
        return whole(document.text, free)

    def fill(self, word_class, rng):  # noqa: ARG002
        return word_class or "x"

    def decode(self, ids, surfaces):
        return "".join(surfaces[i] for i, id_ in enumerate(ids) if id_ != DOC)


# No cheat but a fault.


class Failing:
    """A speller that fails as soon as a document begins."""

    def __init__(self, plain):
        self.start = lambda: 1 // 0
        self.to_dict = plain.to_dict


@TOKENIZERS.add("raises")
class Raises(Altered):
    """It fails where it is told to."""

    def __init__(self, *, where: str) -> None:
        self.where = where

    def fit(self, documents, valid=()):
        if self.where == "fit":
            raise ZeroDivisionError("in fit\nand a second line")
        return super().fit(documents, valid)

    def alter(self):
        if self.where == "spelling":
            self.speller = Failing(self.speller)

    def decode(self, ids, surfaces):
        if self.where == "decode":
            raise RuntimeError("in decode")
        if self.where == "ends" and len(ids) > 300:
            os._exit(3)
        return super().decode(ids, surfaces)
