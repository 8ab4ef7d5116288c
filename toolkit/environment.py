"""Versions and machine that a result was computed with; how often this process collects garbage."""

import gc
import os
import platform
import shlex
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

VERSION = "0.3.0"
CPUINFO = Path("/proc/cpuinfo")
COMPILERS = ("c++", "g++", "clang++")
COMPILED = set[str]()  # the files of C++ code that this process has compiled or loaded
PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "scipy",
    "scikit-learn",
    "spacy",
    "tokenizers",
    "wordfreq",
    "constriction",
    "pyppmd",
)


def search_rarely_for_garbage() -> None:
    """Let Python collect garbage less often, in processes that are ours alone.

    Libraries make a million lasting objects; to look through them takes a twentieth of a short command.
    """
    gc.set_threshold(5_000, 20, 20)


def versions() -> dict[str, str]:
    """Return the versions of the toolkit, of Python and of the packages that affect the numbers."""
    ours = {"toolkit": VERSION, "python": platform.python_version()}
    return ours | package_versions()


@cache
def package_versions() -> dict[str, str]:
    """Return the versions of the packages that affect the numbers."""
    return {name: version(name) for name in PACKAGES}


def machine() -> dict[str, Any]:
    """Return system, processor, cores and memory, without the name of the machine or its user."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "compiler": Path(compiler()[0]).name if compiler() else None,  # of the loop that trains LSTMs
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
    }


def provenance(packages: Mapping[str, str], **facts: Any) -> dict[str, Any]:
    """Return the time, and the versions and the machine, with versions of more packages and facts of the machine."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {**versions(), **packages},
        "machine": machine() | facts,
    }


def cores() -> int:
    """Return how many cores this process may use, by its affinity and the quota of its container."""
    from joblib import cpu_count

    return int(cpu_count())


def processor() -> str:
    """Return the processor's name, or "unknown"."""
    return proc_value(CPUINFO, "model name") or platform.processor() or "unknown"


def compiler() -> list[str]:
    """Return the command of a C++ compiler: ``$CXX``, else the first usual one; an empty list without one."""
    commands = [shlex.split(os.environ["CXX"])] if "CXX" in os.environ else [[name] for name in COMPILERS]
    return next((command for command in commands if command and shutil.which(command[0])), [])


def proc_value(file: Path, name: str) -> str | None:
    """Return the first value with this name in a file of Linux; None if it has none."""
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
