"""Record what the program computes, and compare two recordings to the last digit.

    python -m tests.helpers.goldens make DIR [CASE ...] [--python PYTHON]
    python -m tests.helpers.goldens diff OLD NEW [CASE ...]

``PYTHON`` is an interpreter whose environment has the toolkit to record; by default it is this one, with the toolkit of
the working folder. Last digits depend on the machine and on the versions of packages, so compare recordings that one
machine made with the packages of ``.ci/constraints.txt``.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

TALES = Path(__file__).parents[2] / "corpora" / "weird-tales"
SMALL = "--set train.updates=30 --set network.units=32 --set samples.characters=300 --workers 2"
FOUR = "char,word:pos,bpe,word:pos@ngram"
EIGHT = (
    "char,word:pos,word:spell,bpe,spaced:unk,char@gru,char@ngram,word:pos@ngram --seeds 2 --verify --adapt 0.3"
)
# Case: number of tales and the command. "more" extends a copy of "columns".
CASES = {
    "four": (6, f"compare --tokenizers {FOUR} --verify --adapt 0.3"),
    "columns": (6, f"compare --tokenizers {EIGHT}"),
    "more": (6, f"compare --tokenizers {EIGHT} --more 2x"),
    "fractions": (6, f"compare --tokenizers {FOUR} --fractions 0.5,1"),
    "sweep": (6, "compare --tokenizers char,bpe --sweep columns.bpe.vocabulary_size=300,400"),
    "match": (6, f"compare --tokenizers {FOUR} --match params"),
    "folds": (10, "compare --tokenizers char@ngram,word:unk@ngram --folds 5"),
    "inspect": (6, "inspect --tokenizers char,word:pos,bpe"),
    "article": (6, "reproduce article --characters 2000"),
}
RECORDS = ("comparison.json", "inspect.json", "reproduction.json")
# Keys that name a place, a day or a package, and the time of training that `inspect` expects.
VOLATILE_KEYS = {"command", "created", "machine", "version", "versions", "training"}
MEASURED_SUFFIXES = ("seconds", "per_second")
SECONDS = re.compile(r"\b\d+ s\b")  # in a sentence
RUN_FILES = ("weights.safetensors", "samples.jsonl")  # compared byte for byte


def make(folder: Path, case: str, python: str) -> None:
    """Record a case in a folder of its name."""
    count, command = CASES[case]
    tales, out = folder / f"tales-{count}", folder / case
    tales.mkdir(parents=True, exist_ok=True)
    for tale in sorted(TALES.glob("*.txt"))[:count]:
        shutil.copy(tale, tales)
    shutil.rmtree(out, ignore_errors=True)
    if case == "more":
        shutil.copytree(folder / "columns", out)
    name, *options = command.split()
    options += ["--corpus", str(tales), *(SMALL.split() if name == "compare" else ())]
    line = [python, "-m", "toolkit", name, *options, "--quiet", "--out", str(out)]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def facts(recording: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all values of a recorded folder by their place: of its JSON, of its cells' runs, and of its later folds."""
    file = next(folder / name for name in RECORDS if (folder / name).exists())
    record = json.loads(SECONDS.sub("N s", file.read_text("utf-8").replace(str(recording), "")))
    yield from values(record, folder.name)
    for run in sorted({folder / cell["run"] for cell in record.get("cells", []) if cell.get("run")}):
        for path in (run / name for name in RUN_FILES if (run / name).exists()):
            yield f"{run.name}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
        with np.load(run / "scores.npz") as arrays:
            for name, array in arrays.items():
                yield f"{run.name}/scores.npz/{name}", hashlib.sha256(array.tobytes()).hexdigest()
    for fold in sorted(folder.glob("folds/*")):
        for place, value in facts(recording, fold):
            yield f"folds/{place}", value


def values(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the values in a JSON value by their path, without those that no two recordings have in common."""
    if not isinstance(value, dict | list):
        yield path, repr(value)
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if key not in VOLATILE_KEYS and not str(key).endswith(MEASURED_SUFFIXES):
            yield from values(inner, f"{path}.{key}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["make", "diff"])
    parser.add_argument(
        "names", nargs="+", help="a folder to make, or two to compare; then cases, by default all"
    )
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    count = 1 if arguments.action == "make" else 2
    folders = [Path(name).resolve() for name in arguments.names[:count]]
    for case in arguments.names[count:] or CASES:
        print(case, flush=True)
        if arguments.action == "make":
            make(folders[0], case, arguments.python)
            continue
        old, new = (dict(facts(folder, folder / case)) for folder in folders)
        for place in sorted(old.keys() | new.keys()):
            if old.get(place) != new.get(place):
                print(f"  {place}: {old.get(place, 'absent')[:90]} -> {new.get(place, 'absent')[:90]}")


if __name__ == "__main__":
    main()
