"""Compress and decompress a text with a run's probabilities."""

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.errors import InputError
from toolkit.events.coding import Stepper, decode_document, encode_document
from toolkit.events.encoding import DOC
from toolkit.inference.range_coder import Decoder, Encoder, NotADistributionError
from toolkit.text.corpus import Document, difference_from_canonical, encode_utf8

if TYPE_CHECKING:
    from toolkit.inference.model import Model

MAGIC = b"tkc2"
CHECKSUM = struct.Struct(">I")  # behind the magic: of all that comes after it
HEADER = struct.Struct(">8sdII")  # then the fields of Header

COURSE_EVENTS = 24  # another number would refuse the files that there are
COURSE_STRIDE = 7919  # a prime: the course goes through all parts of a vocabulary


class Header(NamedTuple):
    """What stands before the coded data of a file."""

    run: bytes  # the fingerprint of the run (8)
    rate: float  # at which the model learns as it codes, 0 if it does not
    numbers: int  # the fingerprint of its arithmetic
    text: int  # the checksum of the text


def compress(model: "Model", text: str, source: str) -> bytes:
    """A text, coded, and decoded again to see that it comes back.

    Raises InputError if the text is not canonical, saying what canonical would change, or if it does not come back.
    """
    run, content = model.fingerprint(), encode_utf8(text, source)
    if reason := difference_from_canonical(text):
        raise InputError(
            f"{source} is not canonical text, so it could not be restored exactly: {reason}; convert it first."
        )
    with threadpool_limits(1, "blas"):  # for speed: threads only wait for each other in products with one row
        data = encoded(model, Document(source, text))
        if (fault := difference(model, model.start(), data, text)) is not None:
            raise InputError(f"{source} would not come back from its coded data: {fault}; use another run.")
        header = Header(run, model.rate, numbers(model, model.start()), zlib.crc32(content))
    checked = HEADER.pack(*header) + data
    return MAGIC + CHECKSUM.pack(zlib.crc32(checked)) + checked


def encoded(model: "Model", document: Document) -> bytes:
    """The coded data of a document. Raises InputError if what the model expects is no distribution."""
    encoder = Encoder()
    try:
        encode_document(model.start(), model.tokenizer, model.tokenizer.encode(document), encoder.put)
    except NotADistributionError as error:
        raise InputError(
            f"{document.name} cannot be compressed: {error}; give another run, or a lower rate if it learns."
        ) from error
    return encoder.data()


def difference(model: "Model", stepper: Stepper, data: bytes, text: str) -> str | None:
    """In words, how what a stepper decodes differs from the text; None if it is the text."""
    decoder = Decoder(data)
    try:
        decoded = decode_document(stepper, model.tokenizer, decoder.pick)
        decoder.finish()
    except (InputError, NotADistributionError) as error:
        return str(error).rstrip(".")
    return None if decoded == text else "another text is decoded"


def decompress(model: "Model", compressed: bytes, source: str) -> str:
    """The original text.

    Raises InputError for a file that another run or another version compressed, that is truncated or altered, or
    that was compressed where the model's arithmetic gives other numbers.
    """
    header, data = parted(compressed, source)
    if header.run != model.fingerprint():
        raise InputError(f"{source} was compressed with another run; give the run that compressed it, or a copy of it.")

    elsewhere = InputError(
        f"{source} is whole, but cannot be decompressed here: this processor, its number of threads, or the version "
        "of a library or of toolkit, computes other numbers than those that it was compressed with; decompress it "
        "where it was compressed."
    )
    with threadpool_limits(1, "blas"):
        if numbers(model, model.at_rate(header.rate)) != header.numbers:
            raise elsewhere
        try:
            text = decode_document(model.at_rate(header.rate), model.tokenizer, Decoder(data, source).pick)
        except (InputError, NotADistributionError) as error:
            raise elsewhere from error
    if zlib.crc32(text.encode("utf-8")) != header.text:
        raise elsewhere
    return text


def parted(compressed: bytes, source: str) -> tuple[Header, bytes]:
    """The header and the coded data of a file. Raises InputError if it is none of ours, or is not whole."""
    if not compressed.startswith(MAGIC):
        raise InputError(
            f"{source} was not made by this version of `toolkit compress`: it does not begin with {MAGIC.decode()!r}."
        )
    checksum, checked = compressed[len(MAGIC) :][: CHECKSUM.size], compressed[len(MAGIC) + CHECKSUM.size :]
    if len(checked) < HEADER.size or checksum != CHECKSUM.pack(zlib.crc32(checked)):
        raise InputError(f"{source} is truncated or altered: its content does not match its checksum.")
    return Header(*HEADER.unpack(checked[: HEADER.size])), checked[HEADER.size :]


def numbers(model: "Model", stepper: Stepper) -> int:
    """A fingerprint of a model's arithmetic: a checksum of the distributions that it gives in a short fixed course.

    The course has COURSE_EVENTS ids, among them that of a document's end, where a learning model learns, then another
    end and the beginning of a document.
    """
    trained = np.flatnonzero(model.tokenizer.vocabulary.reserve.trained)
    within = trained[np.arange(COURSE_EVENTS) * COURSE_STRIDE % len(trained)].tolist()
    checksum = 0
    for id_ in [*within, DOC, *within[:2]]:
        checksum = zlib.crc32(stepper.distribution().astype("<f8").tobytes(), checksum)
        stepper.feed(id_)
    return checksum
