"""Operations of C++: compiled once, checked, kept, and done without. The compilers are programs of three lines."""

import sys
import threading
from pathlib import Path

import pytest
import tensorflow as tf

from toolkit.environment import compiler
from toolkit.network import compiled
from toolkit.network.compiled import UnusableError, operations

WRITES = "open(sys.argv[sys.argv.index('-o') + 1], 'w').write('a library')"
pytestmark = pytest.mark.usefixtures("folder", "loads")
REFUSES = "print('no such instruction', file=sys.stderr); sys.exit(1)"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a folder" / "some operation.cc"
    path.parent.mkdir()
    path.write_text("// C++")
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "operations"


@pytest.fixture
def loads(monkeypatch):
    """What TensorFlow loads: anything that is a library by its content."""
    loaded = []

    def load(path):
        if not Path(path).exists() or Path(path).read_text() != "a library":
            raise tf.errors.NotFoundError(None, None, "not a library")
        loaded.append(path)
        return "operations"

    monkeypatch.setattr(tf, "load_op_library", load)
    return loaded


@pytest.fixture
def compiling(tmp_path, monkeypatch):
    """Installs a compiler; returns how often it compiled."""
    calls = tmp_path / "calls"

    def install(does, version="1"):
        program = tmp_path / "compiler.py"
        program.write_text(
            f"import os, sys\nif '--version' in sys.argv: print('{version}'); sys.exit()\n"
            f"print('once', file=open({str(calls)!r}, 'a'))\n{does}"
        )
        monkeypatch.setenv("CXX", f"'{sys.executable}' '{program}'")
        return lambda: len(calls.read_text().splitlines()) if calls.exists() else 0

    return install


def agree(_):
    pass


def test_what_is_compiled_is_kept_for_the_next_process(source, folder, loads, compiling, caplog):
    calls = compiling(WRITES)
    assert operations(source, agree) == operations(source, agree) == "operations"
    assert calls() == 1
    (library,) = folder.glob("*.so")
    assert library.name.startswith("some operation-")
    assert loads[-1] == str(library)
    assert {path.suffix for path in folder.iterdir()} == {".so", ".lock"}  # nothing else is left
    assert not caplog.text


def test_others_wait_for_who_compiles(source, loads, compiling):
    calls = compiling(f"import time; time.sleep(0.5); {WRITES}")
    threads = [threading.Thread(target=operations, args=(source, agree)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls() == 1
    assert len(loads) == 3


@pytest.mark.parametrize("named", ["", "no-such-compiler --fast"])
def test_without_a_compiler_there_are_none(named, source, folder, monkeypatch, caplog):
    monkeypatch.setenv("CXX", named)
    assert operations(source, agree) is None
    assert ("there is no such program" in caplog.text) == bool(named)
    assert not folder.exists()


def test_what_a_compiler_refuses_is_said_in_a_line_and_not_tried_again(source, folder, compiling, caplog):
    calls = compiling(REFUSES)
    assert operations(source, agree) is None
    assert "some operation.cc is not used, and training is slower: " in caplog.text
    assert "no such instruction" not in caplog.text
    (said,) = folder.glob("*.txt")
    assert "no such instruction" in said.read_text()
    caplog.clear()
    assert operations(source, agree) is None
    assert calls() == 1
    assert "does not compile it." in caplog.text  # each process says it
    compiling(WRITES, version="2")  # a new version is another compiler
    assert said.exists()


def test_what_disagrees_is_not_kept_and_not_tried_again(source, folder, compiling, caplog):
    calls = compiling(WRITES)

    def disagree(found):
        raise UnusableError(f"{found} disagree.")

    assert operations(source, disagree) is None
    assert "operations disagree." in caplog.text
    assert not list(folder.glob("*.so"))
    assert operations(source, agree) is None
    assert calls() == 1


@pytest.mark.parametrize("damage", [lambda path: path.write_text("half a lib"), lambda path: path.write_text("")])
def test_a_damaged_library_is_made_again(damage, source, folder, compiling):
    calls = compiling(WRITES)
    operations(source, agree)
    (library,) = folder.glob("*.so")
    damage(library)
    assert operations(source, agree) == "operations"
    assert library.read_text() == "a library"
    assert calls() == 2


def test_a_cache_that_cannot_be_written_is_said(source, compiling, monkeypatch, tmp_path, caplog):
    compiling(WRITES)
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file" / "cache"))
    assert operations(source, agree) is None
    assert "training is slower" in caplog.text


def test_another_source_compiler_processor_or_tensorflow_has_another_library(source, monkeypatch, compiling):
    compiling(WRITES)
    command = compiler()
    keys = [compiled.key(source, command), compiled.key(source, [*command, "-O2"])]
    for target, name, value in [
        (compiled, "processor", lambda: "another"),
        (compiled, "FLAGS", ("-O0",)),
        (tf.version, "VERSION", "99.0"),
        (tf.sysconfig, "get_compile_flags", lambda: ["-I/elsewhere"]),
        (compiled.platform, "libc_ver", lambda: ("glibc", "99")),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(target, name, value)
            keys.append(compiled.key(source, command))
    source.write_text("// other C++")
    keys.append(compiled.key(source, command))
    compiling(WRITES, version="2")
    keys.append(compiled.key(source, command))
    assert len(set(keys)) == len(keys)
