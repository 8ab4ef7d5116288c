"""What a result was computed with: versions and machine; and how often this process looks for garbage."""

import gc
import os
import platform
import resource
import shlex
import shutil
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

GROUPS = Path("/sys/fs/cgroup")  # on Linux: what control groups, containers for example, may use
OWN_GROUPS = Path("/proc/self/cgroup")  # those of this process
NO_LIMIT = "max"
CPUINFO = Path("/proc/cpuinfo")  # of a machine with Linux
STATUS = Path("/proc/self/status")  # of this process, on Linux
COMPILERS = ("c++", "g++", "clang++")
COMPILED = set[str]()  # the files of C++ code that this process has compiled or loaded
PACKAGES = (
    "word-char-toolkit", "tensorflow", "keras", "numpy", "scipy", "scikit-learn", "spacy", "tokenizers", "wordfreq",
    "constriction", "pyppmd",
)  # fmt: skip


def search_rarely_for_garbage() -> None:
    """Let Python look less often for objects that only refer to each other; for processes that are ours alone.

    Libraries make a million objects, which stay; to look through them takes a twentieth of a short command.
    """
    gc.set_threshold(5_000, 20, 20)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that affect the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def machine() -> dict[str, Any]:
    """System, processor, cores and memory, without the name of the machine or its user."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "compiler": Path(compiler()[0]).name if compiler() else None,  # of the loop that trains LSTMs
        "memory_gib": round(memory() / 2**30, 1),
    }


def peak_memory() -> int | None:
    """The most bytes of memory that this process has had at once; None where the system does not say.

    Linux says it in /proc: its getrusage also counts what the process had before it became this program.
    """
    if STATUS.is_file():
        lines = STATUS.read_text("utf-8").splitlines()
        return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if sys.platform == "darwin" else None


def cores() -> int:
    """How many cores this process may use: those it may run on, limited by the quotas of its control groups."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    version_1 = zip(of_groups("cpu", "cpu.cfs_quota_us"), of_groups("cpu", "cpu.cfs_period_us"), strict=False)
    both = [*(text.split() for text in of_groups("cpu", "cpu.max")), *version_1]
    quotas = [int(quota) // int(period) for quota, period in both if quota not in (NO_LIMIT, "-1")]
    return max(1, min([usable, *quotas]))


def memory() -> int:
    """Bytes of memory that this process may have: the machine's, limited by its control groups; 0 if nothing is said.

    >>> memory() > 0
    True
    """
    there = 0
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        there = max(0, os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    limits = [*of_groups("memory", "memory.max"), *of_groups("memory", "memory.limit_in_bytes")]
    return min([there, *(int(limit) for limit in limits if limit != NO_LIMIT)])


def of_groups(controller: str, name: str) -> list[str]:
    """What a file of this name says in the control groups of this process and those around them, on Linux.

    A line of ``OWN_GROUPS`` is ``number:controllers:path``; of version 2, whose line names none, all are in one tree.
    """
    lines = OWN_GROUPS.read_text("utf-8").splitlines() if OWN_GROUPS.is_file() else []
    found: dict[Path, str] = {}
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if controllers and controller not in controllers.split(","):
            continue
        root = GROUPS / controllers if controllers else GROUPS
        own = root / path.lstrip("/")
        for folder in (root, own, *own.parents):  # of a container the root is its own, whatever the path says
            if folder.is_relative_to(root):
                with suppress(OSError):  # there is none, or it may not be read
                    found[folder] = (folder / name).read_text("utf-8").strip()
    return list(found.values())


def processor() -> str:
    """The processor's name, or "unknown"."""
    return cpuinfo("model name") or platform.processor() or "unknown"


def compiler() -> list[str]:
    """The command of a C++ compiler: what ``$CXX`` names, else the first usual one; empty if there is none."""
    named = os.environ.get("CXX")
    try:
        commands = [[name] for name in COMPILERS] if named is None else [shlex.split(named)]
    except ValueError:  # a quotation mark without another
        return []
    return next((command for command in commands if command and shutil.which(command[0])), [])


def instructions() -> str:
    """What tells the processor's instructions from those of others: their names where Linux says them, and its own."""
    return f"{platform.machine()} {processor()} {cpuinfo('flags') or cpuinfo('Features')}"


def cpuinfo(name: str) -> str | None:
    """What Linux says of the first core by this name; None where it does not."""
    lines = CPUINFO.read_text("utf-8", "replace").splitlines() if CPUINFO.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
