"""Operations of C++, compiled for the machine they run on, and kept in the cache.

The first process that needs them compiles them and has them checked; others wait for it, and load what it made.
"""

import hashlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from toolkit.environment import COMPILED, CPUINFO, compiler, proc_value, processor
from toolkit.files import entry, locked, write_entry
from toolkit.network.backend import tf

LOG = logging.getLogger(__name__)
NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
# -w: TensorFlow's headers warn of much. -U: where a processor computes with 16 bits, and the compiler says so, they do
# not compile (Eigen's PacketMathFP16.h of TensorFlow 2.21).
FLAGS = ("-shared", "-fPIC", "-std=c++17", "-O3", NATIVE, "-w", "-U__AVX512FP16__")
LINKED = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()  # untested: no Mac was at hand
LONGEST = 600  # seconds that a compiler may take
DAY = 86_400  # seconds for which a refusal holds
PASSING = ("No space left", "Killed", "annot allocate memory", "memory exhausted", "out of memory")  # no refusals
INTERRUPTED = "A process that compiled it was ended, perhaps for want of memory."
TRIES = 2  # so many processes may end like that before others do without


class UnusableError(Exception):
    """Why operations cannot be used, whoever compiles them: a sentence, and what a compiler said after it."""


def operations(source: Path, check: Callable[[Any], None]) -> Any | None:
    """TensorFlow's operations of a C++ file; None if there is no compiler, or they cannot be used.

    ``check(operations)`` raises UnusableError if they are wrong. That, or what the compiler refuses, is not tried again
    for a day, nor what two processes were killed for; anything else that fails is tried again by the next process. Each
    process logs that it does without. What is used is in ``environment.COMPILED``.
    """
    command = compiler()
    if not command:
        if named := os.environ.get("CXX"):
            LOG.warning(f"CXX is {named!r} in the environment, and there is no such program: training is slower.")
        return None
    try:
        library = entry("operations", f"{source.stem}-{key(source, command)}-{os.getuid()}.so")
        found = kept(library) or kept_or_made(source, command, library, check)
    except (UnusableError, OSError, RuntimeError, ValueError, subprocess.TimeoutExpired, tf.errors.OpError) as error:
        first_line = str(error).partition("\n")[0]
        LOG.warning(f"{source.name} is not used, and training is slower: {first_line}")
        return None
    if found is not None:
        COMPILED.add(source.name)
    return found


def kept_or_made(source: Path, command: Sequence[str], library: Path, check: Callable[[Any], None]) -> Any | None:
    """The operations as another process has made them, or made now.

    Raises UnusableError if they are refused, or were in the last day, and what else ``made`` raises.
    """
    refused = library.with_suffix(".txt")
    with locked(library, replaceable=True, wait=True):
        if (found := kept(library)) is not None:
            return found
        before = said_of(refused)
        if before and before != [INTERRUPTED] * min(len(before), TRIES - 1):
            raise UnusableError("\n".join(before))
        write_entry(refused, "\n".join([*before, INTERRUPTED]))  # stays if this process is killed
        try:
            try:
                return made(source, command, library, check)
            finally:
                refused.unlink(missing_ok=True)
        except UnusableError as error:
            write_entry(refused, str(error))
            raise


def said_of(refused: Path) -> list[str]:
    """The lines of a refusal in the last day, one for each process that was ended; none if there is none."""
    if not refused.exists() or not 0 <= time.time() - refused.stat().st_mtime < DAY:
        return []
    return refused.read_text("utf-8").splitlines()


def key(source: Path, command: Sequence[str]) -> str:
    """What tells one library from another: its source, what checks it, the compiler, TensorFlow, and the machine."""
    asked = [*command, "--version"]
    said = subprocess.run(
        asked, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=english(), timeout=LONGEST
    )
    code = [path.read_text("utf-8") for path in (source, source.with_suffix(".py")) if path.exists()]
    features = proc_value(CPUINFO, "flags") or proc_value(CPUINFO, "Features")
    instructions = f"{platform.machine()} {processor()} {features}"
    flags = [*command, *FLAGS, *LINKED, *tf.sysconfig.get_compile_flags()]
    parts = [*code, said.stdout.decode(errors="replace"), *flags, tf.version.VERSION, instructions]
    return hashlib.sha256("\n".join([*parts, *platform.libc_ver()]).encode(errors="replace")).hexdigest()[:16]


def english() -> dict[str, str]:
    """The environment of a compiler that speaks English."""
    return {**os.environ, "LC_ALL": "C"}


def kept(library: Path) -> Any | None:
    """The operations of the library in the cache; None if there is none that is ours and can be loaded.

    What another user has put there is not run.
    """
    if not library.exists() or library.stat().st_uid != os.getuid():
        return None
    try:
        return tf.load_op_library(str(library))
    except (tf.errors.OpError, RuntimeError):  # damaged, or of another system that has the same cache: made again
        return None


def refuse_if_cleared(new: Path) -> None:
    """Raise OSError if the folder of what is made is gone: the cache was cleared meanwhile, so nothing is at fault."""
    if not new.parent.exists():
        raise OSError(f"{new.parent} was removed while the compiler wrote to it.")


def made(source: Path, command: Sequence[str], library: Path, check: Callable[[Any], None]) -> Any:
    """The operations, compiled, checked and put into the cache.

    Raises UnusableError, OSError where the compiler lacked room or memory, and what ``check`` raises.
    """
    for left in library.parent.glob("*.made"):  # by processes that were killed
        if time.time() - left.stat().st_mtime > 2 * LONGEST:
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=library.parent, suffix=".made") as folder:
        new = Path(folder) / library.name
        asked = [*command, *FLAGS, *LINKED, *tf.sysconfig.get_compile_flags(), str(source), "-o", str(new)]
        asked += tf.sysconfig.get_link_flags()
        try:
            ended = subprocess.run(
                asked, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=LONGEST, env=english()
            )
        except subprocess.TimeoutExpired as error:
            raise UnusableError(str(error)) from error
        if ended.returncode < 0:
            raise OSError(f"{command[0]} was killed by signal {-ended.returncode}.")
        if ended.returncode:
            said = ended.stderr.decode(errors="replace")
            if passing := next((line for line in said.splitlines() if any(sign in line for sign in PASSING)), None):
                raise OSError(f"{command[0]} could not finish: {passing.strip()}")
            refuse_if_cleared(new)
            raise UnusableError(f"{command[0]} does not compile it.\n{asked!a}\n{said}")
        try:
            found = tf.load_op_library(str(new))
        except (tf.errors.OpError, RuntimeError) as error:
            refuse_if_cleared(new)
            raise UnusableError(f"TensorFlow does not load it: {error}") from error
        check(found)
        write_entry(library, new.read_bytes())
    return found
