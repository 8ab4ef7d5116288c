"""Versions and machine that a result was computed with; how often this process collects garbage."""

import gc
import os
import platform
import shlex
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

VERSION = "0.2.0"
GROUPS = Path("/sys/fs/cgroup")  # on Linux: the limits of control groups, for example of containers
OWN_GROUPS = Path("/proc/self/cgroup")  # the groups of this process
CPUINFO = Path("/proc/cpuinfo")
COMPILERS = ("c++", "g++", "clang++")
COMPILED = set[str]()  # the files of C++ code that this process has compiled or loaded
PACKAGES = (
    "word-char-toolkit", "tensorflow", "keras", "numpy", "scipy", "scikit-learn", "spacy", "tokenizers", "wordfreq",
    "constriction", "pyppmd",
)  # fmt: skip


def search_rarely_for_garbage() -> None:
    """Let Python collect garbage less often, in processes that are ours alone.

    Libraries make a million lasting objects; to look through them takes a twentieth of a short command.
    """
    gc.set_threshold(5_000, 20, 20)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that affect the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def machine() -> dict[str, Any]:
    """Return system, processor, cores and memory, without the name of the machine or its user."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "compiler": Path(compiler()[0]).name if compiler() else None,  # of the loop that trains LSTMs
        "memory_gib": round(memory() / 2**30, 1),
    }


def cores(own_groups: Path = OWN_GROUPS, groups: Path = GROUPS) -> int:
    """Return how many cores this process may use, by its affinity and the quotas of its control groups."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    version_1 = zip(
        *(group_limits(f"cpu.cfs_{name}_us", own_groups, groups) for name in ("quota", "period")), strict=False
    )
    quotas = [*(text.split() for text in group_limits("cpu.max", own_groups, groups)), *version_1]
    limits = [int(quota) // int(period) for quota, period in quotas if quota not in ("max", "-1")]
    return max(1, min([usable, *limits]))


def memory() -> int:
    """Return the bytes of memory that this process may use, by the machine and its control groups."""
    limits = [*group_limits("memory.max"), *group_limits("memory.limit_in_bytes")]
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *(int(limit) for limit in limits if limit != "max")])


def group_limits(name: str, own_groups: Path = OWN_GROUPS, groups: Path = GROUPS) -> Iterator[str]:
    """Yield the contents of the files with a name, of each control group of this process and the groups around it.

    A line of ``own_groups`` is ``number:controllers:path``; version 2 has one tree and no controllers in its line.
    """
    for line in own_groups.read_text("utf-8").splitlines() if own_groups.is_file() else []:
        _, controllers, path = line.split(":", 2)
        root = groups / controllers
        group = root / path.lstrip("/")
        for folder in (root, group, *group.parents):  # a container's root is its own group, whatever the path says
            if folder.is_relative_to(root) and os.access(folder / name, os.R_OK):
                yield (folder / name).read_text("utf-8").strip()


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
