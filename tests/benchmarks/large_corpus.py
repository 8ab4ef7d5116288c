r"""Make a corpus of any size from the bundled tales, and measure the time and the memory of a command.

    python -m tests.benchmarks.large_corpus FOLDER --megabytes 10|100|1000 [--documents N] [--one-document]
    python -m tests.benchmarks.large_corpus FOLDER --run toolkit train --tokenizers char --corpus FOLDER --budget 60s

Paragraphs of the tales are drawn at random. In each, some words are swapped for other words of the tales, and a few are
misspelt, so that the vocabulary grows with the text, roughly as that of real text does. The same arguments make the
same files. A gigabyte takes a minute or two and no more memory than the tales.

``--run`` prints each line of a command with the seconds since its start, and at the end the largest sum of memory of
all its processes. Memory that processes share counts once. The sum needs Linux.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from threading import Thread

import numpy as np
import psutil

from toolkit.text.catalogue import DEFAULT, find_corpus
from toolkit.text.neutral import WORD

SWAPPED, MISSPELT = 0.08, 0.004  # of the words
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DOCUMENTS_PER_MEGABYTE = 10
CHARACTERS_PER_MEGABYTE = 990_000  # of the tales
AT_ONCE = 400  # paragraphs

MEMORY_EVERY_SECONDS = 0.5

Pieces = list[str]  # words at odd places, the text between them at even ones; no word follows a paragraph's end


class Tales:
    """The paragraphs of the bundled tales, cut into words, and all their words."""

    def __init__(self) -> None:
        texts = [document.text for document in find_corpus(DEFAULT).documents]
        paragraphs = [part for text in texts for part in re.split(r"\n{2,}", text.strip())]
        self.paragraphs: list[Pieces] = [[*re.split(f"({WORD})", f"{part}\n\n"), ""] for part in paragraphs]
        self.words = [word for pieces in self.paragraphs for word in pieces[1::2] if word]
        self.lower = [word.lower() for word in self.words]

    def text(self, characters: int, rng: np.random.Generator) -> Iterator[str]:
        """New text of about so many characters, in pieces that end with a paragraph."""
        while characters > 0:
            drawn = self.drawn(characters, rng)
            places = some_words(drawn, SWAPPED, rng)
            for place, number in zip(
                places, rng.integers(len(self.words), size=len(places)).tolist(), strict=True
            ):
                drawn[place] = self.words[number] if drawn[place][0].isupper() else self.lower[number]
            for place in some_words(drawn, MISSPELT, rng):
                drawn[place] = misspelt(drawn[place], rng)
            text = "".join(drawn)
            characters -= len(text)
            yield text

    def drawn(self, characters: int, rng: np.random.Generator) -> Pieces:
        """Paragraphs drawn at random until they have so many characters, at most ``AT_ONCE``, as pieces."""
        chosen: list[Pieces] = []
        for number in rng.integers(len(self.paragraphs), size=AT_ONCE).tolist():
            if characters <= 0:
                break
            chosen.append(self.paragraphs[number])
            characters -= sum(map(len, self.paragraphs[number]))
        return list(chain.from_iterable(chosen))


def some_words(pieces: Pieces, share: float, rng: np.random.Generator) -> list[int]:
    """The places of about this share of the words, drawn at random."""
    places: list[int] = (2 * np.flatnonzero(rng.random(len(pieces) // 2) < share) + 1).tolist()
    return [place for place in places if pieces[place]]


def misspelt(word: str, rng: np.random.Generator) -> str:
    """The word with one of its letters, or two, replaced by any other."""
    for _ in range(rng.integers(1, 3)):
        place = int(rng.integers(len(word)))
        word = word[:place] + LETTERS[rng.integers(len(LETTERS))] + word[place + 1 :]
    return word


def write(folder: Path, megabytes: int, documents: int) -> None:
    """Write so many documents of different lengths, together about so many megabytes."""
    tales = Tales()
    folder.mkdir(parents=True)
    shares = 0.5 + np.random.default_rng(megabytes).random(documents)
    characters = (shares / shares.sum() * megabytes * CHARACTERS_PER_MEGABYTE).round().astype(int)
    for number, length in enumerate(characters.tolist(), 1):
        with (folder / f"tale-{number:06}.txt").open("w", encoding="utf-8", newline="\n") as file:
            for text in tales.text(length, np.random.default_rng([megabytes, number])):
                file.write(text)


def memory(process: psutil.Process) -> int:
    """Bytes of a process and its descendants, which divide the memory that they share. 0 if one has just ended."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_full_info().pss
    except psutil.Error:
        return 0
    return total


def echo(lines: Iterable[str], start: float) -> None:
    """Print lines as they come, each with the seconds since the start."""
    for line in lines:
        print(f"{time.perf_counter() - start:7.1f} s  {line}", end="", flush=True)


def run(command: Sequence[str]) -> int:
    """Run a command, print its time and peak memory, and return its exit code."""
    start, peak = time.perf_counter(), 0
    running = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    echoing = Thread(target=echo, args=(running.stdout, start))
    echoing.start()
    while running.poll() is None:
        peak = max(peak, memory(running))
        time.sleep(MEMORY_EVERY_SECONDS)
    echoing.join()
    print(f"{time.perf_counter() - start:.1f} s, at most {peak / 1e9:.2f} GB, exit {running.returncode}")
    return int(running.returncode)


def main() -> None:
    """Write the corpus, run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int)
    parser.add_argument("--documents", type=int, help=f"by default {DOCUMENTS_PER_MEGABYTE} for each megabyte")
    parser.add_argument("--one-document", action="store_true")
    parser.add_argument("--run", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args()
    if options.megabytes:
        documents = options.documents or DOCUMENTS_PER_MEGABYTE * options.megabytes
        write(options.folder, options.megabytes, 1 if options.one_document else documents)
    if options.run:
        sys.exit(run(options.run))


if __name__ == "__main__":
    main()
