"""Compress and decompress a file with a run's probabilities."""

import zlib
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from toolkit.errors import InputError
from toolkit.events.stepping import decode_document, encode_document
from toolkit.inference.range_coder import Decoder, Encoder
from toolkit.text.corpus import Document, decode_utf8, difference_from_canonical

if TYPE_CHECKING:
    from toolkit.inference.model import Model

MAGIC = b"tkc1"


HEADER_BYTES = 16  # magic, the run's fingerprint (8), the text's checksum (4)


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def compress(model: "Model", fingerprint: bytes, content: bytes, source: str) -> bytes:
    """A file's text, coded. Raises InputError if the text is not canonical, saying what canonical would change."""
    text = decode_utf8(content, source)
    if reason := difference_from_canonical(text):
        raise InputError(
            f"{source} is not canonical text, so it could not be restored exactly: {reason}; convert it first."
        )
    encoder = Encoder()
    encoding = model.tokenizer.encode(Document(source, text))
    encode_document(model.start(), model.tokenizer, encoding, encoder.put)
    return MAGIC + fingerprint + zlib.crc32(content).to_bytes(4, "big") + encoder.data()


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def decompress(model: "Model", fingerprint: bytes, compressed: bytes, source: str) -> bytes:
    """The original file. Raises InputError for a file that another run compressed, or is truncated or altered."""
    if not compressed.startswith(MAGIC) or len(compressed) < HEADER_BYTES:
        raise InputError(f"{source} was not made by `toolkit compress`: it does not begin with {MAGIC.decode()!r}.")
    if compressed[4:12] != fingerprint:
        raise InputError(f"{source} was compressed with another run; give the run that compressed it, or a copy of it.")
    decoder = Decoder(compressed[HEADER_BYTES:], source)
    text = decode_document(model.start(), model.tokenizer, decoder.pick)
    original = text.encode("utf-8")
    if zlib.crc32(original).to_bytes(4, "big") != compressed[12:HEADER_BYTES]:
        raise InputError(f"{source} is truncated or altered: the decoded text does not match its checksum.")
    decoder.finish()
    return original
