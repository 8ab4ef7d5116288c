"""Coding speed, what the coder's arithmetic costs in bits, and where a file can be decompressed.

    python -m tests.benchmarks.coding RUN... [--characters 5000] [--corpus weird-tales]

RUN are folders of trained runs; the text is the beginning of a held-out document of the corpus. The first table has
characters per second of processor time, and how many bits more the coder pays than the scorer reports. In the second a
text is coded and decoded in processes with other kernels of BLAS and numpy and other numbers of threads, which the
coder is made to use: "same" where the text comes back, with a star where the coded bytes are not those of the first
process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.interleaved import machine, table

CROSSED = 500  # characters of the second table: with more threads than cores, each product with one row takes long
PROCESSES = {
    "as it is": {},
    "Haswell, 1 thread": {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"},
    "SkylakeX, 2 threads": {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "2"},
    "Nehalem, 4 threads": {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "4"},
    "numpy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL"},
    "numpy without AVX": {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL", "OPENBLAS_CORETYPE": "Nehalem"},
}


def speeds(runs: list[Path], text: str) -> list[list[str]]:
    """A line of the first table per run."""
    import toolkit

    lines = []
    for run in runs:
        model = toolkit.load(run)
        data = model.compress(text)  # whatever is read once is read now
        seconds = [took(model.compress, text), took(model.decompress, data)]
        difference = paid(model, text) - model.bits(text)
        rates = [f"{len(text) / taken:,.0f}" for taken in seconds]
        lines.append([run.name, f"{len(model.tokenizer.vocabulary):,}", *rates, f"{difference / len(text):+.1e}"])
    return lines


def took(function, argument) -> float:
    """Seconds of processor time of a call, the fewest of three."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        function(argument)
        seconds.append(time.process_time() - start)
    return min(seconds)


def paid(model, text: str) -> float:
    """What the coder pays for a text."""
    from toolkit.events.stepping import encode_document
    from toolkit.inference.range_coder import Encoder
    from toolkit.text.corpus import Document

    encoder = Encoder()
    encode_document(model.start(), model.tokenizer, model.tokenizer.encode(Document("text", text)), encoder.put)
    return encoder.bits


def in_process(folder: Path, of: str, decode: bool, runs: list[Path]) -> None:
    """Code the text with each run, or decode what all processes coded; called in a process of its own."""
    import toolkit
    from toolkit.inference import compression

    compression.threadpool_limits = lambda *_: nullcontext()  # as many threads as the process has
    text = (folder / "text").read_text("utf-8")
    for number, run in enumerate(runs):
        model = toolkit.load(run)
        if not decode:
            (folder / f"{number} {of}").write_bytes(model.compress(text))
            continue
        known: dict[bytes, str] = {}
        first = (folder / f"{number} {next(iter(PROCESSES))}").read_bytes()
        for coded in PROCESSES:
            data = (folder / f"{number} {coded}").read_bytes()
            if data not in known:
                known[data] = outcome(model, data, text)
            (folder / f"{number} {coded} > {of}").write_text(known[data] if data == first else f"{known[data]}*")


def outcome(model, data: bytes, text: str) -> str:
    """What comes of decoding in this process."""
    from toolkit.errors import InputError

    try:
        return "same" if model.decompress(data) == text else "OTHER TEXT"
    except InputError:
        return "refused"


def crossed(runs: list[Path], text: str) -> list[list[str]]:
    """A line of the second table per run and process that codes, a column per process that decodes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "text").write_text(text, "utf-8")
        for decode in (False, True):
            for of, variables in PROCESSES.items():
                call = (
                    f"in_process(Path({str(folder)!r}), {of!r}, {decode}, [Path(r) for r in {list(map(str, runs))!r}])"
                )
                code = f"from pathlib import Path; from tests.benchmarks.coding import in_process; {call}"
                subprocess.run([sys.executable, "-c", code], env={**os.environ, **variables}, check=True)
        return [
            [f"{run.name}, {coded}", *((folder / f"{number} {coded} > {of}").read_text() for of in PROCESSES)]
            for number, run in enumerate(runs)
            for coded in PROCESSES
        ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--characters", type=int, default=5000)
    parser.add_argument("--corpus", default="weird-tales")
    chosen = parser.parse_args()
    from toolkit.text.catalogue import find_corpus
    from toolkit.text.splits import split

    text = split(find_corpus(chosen.corpus)).test[0].text[: chosen.characters].rstrip()
    print(machine(), flush=True)
    header = ["run", "V", "compress, characters/s", "decompress, characters/s", "coder - scorer, bits per character"]
    print(table(header, speeds(chosen.runs, text)), flush=True)
    print(table(["coded by, in", *PROCESSES], crossed(chosen.runs, text[:CROSSED].rstrip())))


if __name__ == "__main__":
    main()
