"""What a worker must have, so that it gives the numbers that the command would."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolkit.environment import compiler, versions


@dataclass(frozen=True)
class Needs:
    """What a worker must have, and by what it knows whether it sees the command's folder."""

    versions: Mapping[str, str]  # of Python and of packages
    compiler: bool  # whether there is one for C++, with which training sums in another order
    source: str  # the SHA-256 of this package's code
    files: Mapping[str, str]  # the SHA-256 of files that columns are made of and of --code, by their paths
    marker: Path  # a file in the comparison's folder
    token: str  # what is written in it

    def lacking(self) -> str | None:
        """What is missing or different here, as the end of a sentence; None if nothing is."""
        here = versions()
        for name, version in self.versions.items():
            if here.get(name) != version:
                return f"it has {name} {here.get(name)}, and the command {version}; install the same"
        if bool(compiler()) != self.compiler:
            return (
                "it has no C++ compiler, the command has one; install one, or start the command with CXX= (empty)"
                if self.compiler
                else "it has a C++ compiler, the command has none; install one, or start the worker with CXX= (empty)"
            )
        if source_sha256() != self.source:
            return "its word-char-toolkit has the same version, but other source code; install the same"
        for path, digest in self.files.items():
            if (there := digest_of(Path(path))) != digest:
                return f"{path} {'is not there' if there is None else 'is another file there'}; put the same file there"
        return None

    def shared_folder(self) -> Path | None:
        """The comparison's folder, if it is the command's that is seen here and not another of the same name."""
        return self.marker.parent if content(self.marker) == self.token.encode() else None


@cache
def source_sha256() -> str:
    """The SHA-256 of the code of this package, wherever it is installed."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    paths = [path for path in package.rglob("*") if path.suffix in {".py", ".cc"}]
    for path in sorted(paths, key=lambda path: path.relative_to(package).as_posix()):
        name = path.relative_to(package).as_posix()
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def content(path: Path) -> bytes | None:
    """The content of a file, or None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest_of(path: Path) -> str | None:
    """The SHA-256 of a file, or None if it cannot be read."""
    read = content(path)
    return None if read is None else hashlib.sha256(read).hexdigest()


def refusal(address: str, lacks: str) -> str:
    """The sentence about a worker that lacks something."""
    return f"The worker {address} cannot compute cells of this comparison: {lacks}, or end that worker."
