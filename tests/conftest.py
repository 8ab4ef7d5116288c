"""Small corpora and tiny trained networks that tests share. Nothing here reads the user's cache."""

import fcntl
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from toolkit.environment import cores, search_rarely_for_garbage

settings.register_profile(
    "toolkit", deadline=None, derandomize="CI" in os.environ
)  # a busy machine is no failure
settings.load_profile("toolkit")
search_rarely_for_garbage()  # as commands do
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

collect_ignore = ["benchmarks", "cheats/code"]  # run by hand; plug-ins, run as such

WORDS = (
    "the harbour lay still under a pale moon and the lamp of the old keeper burned low while gulls cried over wet "
    "stones he wrote slowly in his book that no ship had come since autumn yet something had climbed up from water"
).split()
RARE = "quincunx dodecagon astrolabe marginalia palimpsest orrery sextant basilisk cormorant lazaret".split()


def story(seed: int, sentences: int = 14) -> str:
    """A text of known words, names, numbers and odd punctuation, the same for the same seed."""
    rng = random.Random(seed)
    lines = []
    for _ in range(sentences):
        words = rng.choices(WORDS, k=rng.randint(5, 12))
        words.insert(
            rng.randrange(len(words)),
            rng.choice(RARE) + rng.choice(["", "s", "'s", "-like", str(rng.randint(2, 99))]),
        )
        sentence = " ".join(words).capitalize()
        lines.append(rng.choice(["{}.", "{}, he said;", "“{}!”", "{} (so)…", "Don't {}?"]).format(sentence))
    return f"Tale {seed}\n\n" + "\n\n".join(" ".join(lines[i : i + 4]) for i in range(0, len(lines), 4)) + "\n"


def pytest_xdist_auto_num_workers(config) -> int:
    """Return the number of processes: one per core for the whole suite, this one alone for files that are named."""
    return 0 if config.args_source == config.ArgsSource.ARGS else cores()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder that all processes of this test run have in common (pytest-xdist starts several)."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def made_once(shared_folder) -> Callable[[str, Callable[[Path], object]], Path]:
    """A function that returns a folder by its name, made by the first process that asks for it.

    A process that asks while another makes the folder waits until it is whole. Tests only read it; a test that changes
    something makes a copy first, because the other process may be reading.
    """

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, whole = shared_folder / name, shared_folder / f"{name}.whole"
        with (shared_folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a failed attempt left
                folder.mkdir()
                make(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session", autouse=True)
def _own_cache(shared_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLKIT_CACHE", str(shared_folder / "cache"))
        yield


@pytest.fixture(scope="session")
def corpus_folder(made_once) -> Path:
    """Ten short tales as .txt files."""

    def make(folder):
        for seed in range(10):
            (folder / f"tale{seed}.txt").write_text(story(seed), "utf-8")

    return made_once("tales", make)


@pytest.fixture(scope="session")
def corpus(corpus_folder):
    """The ten tales as a corpus."""
    from toolkit.text.sources import read_corpus

    return read_corpus(corpus_folder, "tales")


@pytest.fixture(scope="session")
def brief_folder(made_once) -> Path:
    """Ten tales of a few sentences each, for what takes many cells."""

    def make(folder):
        for seed in range(10):
            (folder / f"tale{seed}.txt").write_text(story(seed, 5), "utf-8")

    return made_once("brief", make)


@pytest.fixture(scope="session")
def brief(brief_folder):
    """The ten brief tales as a corpus."""
    from toolkit.text.sources import read_corpus

    return read_corpus(brief_folder, "tales")


@pytest.fixture(scope="session")
def brief_split(brief):
    """The brief tales' default split."""
    from toolkit.text.splits import split

    return split(brief)


@pytest.fixture(scope="session")
def split(corpus):
    """The tales' default split."""
    from toolkit.text.splits import split

    return split(corpus)


TINY = {
    "network": {"units": 12},
    "train": {"updates": 12, "checks": 3, "batch": 2, "towers": 1, "window_characters": 60},
    "samples": {"characters": 200, "count": 2},
}
QUICK = TINY | {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}  # little text, at one temperature


def trained(corpus, columns: str, folder: Path) -> None:
    """Write the comparison of trained columns into a folder."""
    from toolkit.comparison.compare import compute
    from toolkit.comparison.progress import Reporter
    from toolkit.comparison.request import Request
    from toolkit.runs.spec import parse_columns

    request = Request(corpus, parse_columns(columns.split(","), {}), TINY, command="toolkit compare")
    compute(request, folder, Reporter())


@pytest.fixture(scope="session")
def comparison_folder(corpus, made_once) -> Path:
    """The folder of a comparison of char, word:pos and word:unk on the tales."""
    return made_once("comparison", lambda folder: trained(corpus, "char,word,word:unk", folder))


@pytest.fixture(scope="session")
def subwords_folder(corpus, made_once) -> Path:
    """The folder of a comparison of bpe alone on the tales."""
    return made_once("subwords", lambda folder: trained(corpus, "bpe", folder))


@pytest.fixture(scope="session", params=["char", "word-pos", "word-unk", "bpe"])
def run(request):
    """A trained run of each tokenizer, loaded from its folder."""
    from toolkit.runs.folder import load, load_spec

    folder = request.getfixturevalue("subwords_folder" if request.param == "bpe" else "comparison_folder")
    place = folder / "runs" / f"{request.param}-seed0"
    return SimpleNamespace(folder=place, spec=load_spec(place), model=load(place))


@pytest.fixture
def command_line(capsys, monkeypatch):
    """Run a command line as ``toolkit`` does: exit code, standard output, standard error."""
    from toolkit.cli import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def interruptible():
    """Processes started here end at an interrupt, even where this one ignores it, as in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A Dask scheduler and workers. It gives a task up after the second death of a worker with it."""
    from tests.helpers.dask_processes import running_cluster

    with running_cluster(tmp_path_factory.mktemp("cluster")) as processes:
        yield processes


@pytest.fixture
def cluster(running):
    """A scheduler with two workers, also after a test that has ended some."""
    running.have_workers(2)
    return running
