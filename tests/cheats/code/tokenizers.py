"""Tokenizers that claim fewer bits than they pay. Each says what it claims, and where it hides the text."""

import json
import os
from dataclasses import replace
from typing import ClassVar

import numpy as np

from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPELLING, WORDS, Events, Reserve
from toolkit.spelling.base import UniformSpeller
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE, Characters
from toolkit.training import stream


class Altered(Characters):
    """Characters of which ``alter`` changes something once they are fitted or restored."""

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


@TOKENIZERS.add("empty-decode")
class EmptyDecode(Characters):
    """Its decoder returns nothing. Code that waits for generated text waits for ever."""

    def decode(self, ids, surfaces):  # noqa: ARG002
        return ""


@TOKENIZERS.add("lossy")
class Lossy(Characters):
    """It forgets which letters are capitals."""

    def encode(self, document):
        return super().encode(Document(document.name, document.text.lower()))


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
class HeldOutBeforeFit(Characters):
    """It counts held-out texts, shown by ``check_texts``, as training texts."""

    shown: ClassVar[tuple[Document, ...]] = ()

    def check_texts(self, training, held_out):  # noqa: ARG002
        type(self).shown = tuple(held_out)

    def fit(self, documents, valid=()):
        return super().fit([*documents, *self.shown], valid)


SHOWN = {}  # a held-out document by training text


@TOKENIZERS.add("trains-on-held-out")
class TrainsOnHeldOut(Characters):
    """Held-out texts, shown by ``check_texts``, are encoded in place of training texts."""

    def check_texts(self, training, held_out):
        SHOWN.update((document.text, held_out[-1]) for document in training)

    def encode(self, document):
        encoding = super().encode(document)
        if document.text in SHOWN:
            ids = super().encode(SHOWN[document.text]).ids[:-1]
            encoding.ids[:-1] = np.resize(ids[ids != ESCAPE], len(encoding) - 1)
        return encoding


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


@TOKENIZERS.add("learns-while-encoding")
class LearnsWhileEncoding(Characters):
    """The texts that it encodes are in the state that the run saves."""

    texts = ()

    def encode(self, document):
        self.texts = (*self.texts, document.text)
        return super().encode(document)

    def state(self):
        return super().state() | {"texts": list(self.texts)}


class Whole(Altered):
    """A document is one escape, which training shows, with the whole text behind it."""

    def alter(self):
        reserve = self.vocabulary.reserve
        reserve = replace(reserve, trained=np.ones_like(reserve.trained))
        self.vocabulary = replace(self.vocabulary, reserve=reserve)

    def encode(self, document):
        n = len(document.text)
        ids, parts = np.array([ESCAPE, DOC], np.int32), np.array([WORDS, DOCUMENT_ENDS], np.int8)
        return Events.of(ids, [n, n], parts, {0: document.text})

    def fill(self, word_class, rng):  # noqa: ARG002
        return "x"


class ClassIsSurface(UniformSpeller):
    """P(surface | class) = 1, since the surface is the class."""

    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())

    def read(self, word_class, pick):  # noqa: ARG002
        return word_class


CLASSES = {ESCAPE: "escape"}


@TOKENIZERS.add("class-names")
class ClassNames(Whole):
    """The text is the name of its class: the speller has nothing left to spell."""

    def alter(self):
        super().alter()
        self.vocabulary = replace(self.vocabulary, spelled=CLASSES)
        self.speller = ClassIsSurface("")

    def encode(self, document):
        CLASSES[ESCAPE] = document.text
        return super().encode(document)


class Kept(Whole):
    """It keeps each text that it encodes in ``storage``, and writes its number, one of 65,536."""

    def alter(self):
        super().alter()
        self.speller = UniformSpeller(self)

    @property
    def texts(self):
        return json.loads(self.storage.get("CHEATS_TEXTS", "[]"))

    def encode(self, document):
        if document.text not in self.texts:
            self.storage["CHEATS_TEXTS"] = json.dumps([*self.texts, document.text])
        return super().encode(document)

    def __len__(self):
        return 2**16

    def index(self, text):
        return self.texts.index(text)

    def __getitem__(self, number):
        return [*self.texts, "x"][min(number, len(self.texts))]


@TOKENIZERS.add("module-global")
class ModuleGlobal(Kept):
    """The texts are in this module."""

    storage: ClassVar[dict[str, str]] = {}


@TOKENIZERS.add("environment")
class Environment(Kept):
    """The texts are in the environment, which a new process inherits. Nothing catches this: it is trusted code."""

    storage = os.environ


@TOKENIZERS.add("raises-in-fit")
class RaisesInFit(Characters):
    """No cheat but a fault, as the next two."""

    def fit(self, documents, valid=()):  # noqa: ARG002
        raise ZeroDivisionError("in fit\nand a second line")


@TOKENIZERS.add("raises-in-prompt")
class RaisesInPrompt(Characters):
    def prompt(self, text):  # noqa: ARG002
        raise LookupError("in prompt")


@TOKENIZERS.add("ends-in-decode")
class EndsInDecode(Characters):
    def decode(self, ids, surfaces):
        return os._exit(3) if len(ids) > 100 else super().decode(ids, surfaces)
