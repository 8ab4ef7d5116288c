"""Operations of C++: compiled once, checked, kept, and done without. The compilers are programs of three lines."""

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import tensorflow as tf

from toolkit.environment import compiler
from toolkit.network import compiled
from toolkit.network.compiled import UnusableError, operations

WRITES = "open(sys.argv[sys.argv.index('-o') + 1], 'w').write('a library')"
pytestmark = pytest.mark.usefixtures("folder", "loads")
REFUSES = "print('no such instruction', file=sys.stderr); sys.exit(1)"
DIES = "os.kill(os.getpid(), 9)"


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


@pytest.mark.parametrize("named", ["", "no-such-compiler --fast", "'unbalanced"])
def test_without_a_compiler_there_are_none(named, source, folder, monkeypatch, caplog):
    monkeypatch.setenv("CXX", named)
    assert operations(source, agree) is None
    assert ("there is no such program" in caplog.text) == bool(named)
    assert not folder.exists()


def test_the_usual_compilers_are_tried_in_order(monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name != "c++" else None)
    assert compiler() == ["g++"]
    monkeypatch.setenv("CXX", "ccache clang++")
    assert compiler() == ["ccache", "clang++"]


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


def test_after_an_update_the_compiler_is_tried_again(source, compiling):
    compiling(REFUSES)
    assert operations(source, agree) is None
    compiling(WRITES, version="2")
    assert operations(source, agree) == "operations"


def test_what_disagrees_is_not_kept_and_not_tried_again(source, folder, compiling, caplog):
    calls = compiling(WRITES)

    def disagree(found):
        raise UnusableError(f"{found} disagree.")

    assert operations(source, disagree) is None
    assert "operations disagree." in caplog.text
    assert not list(folder.glob("*.so"))
    assert operations(source, agree) is None
    assert calls() == 1


@pytest.mark.parametrize("said", ["error writing to /tmp/x.s: No space left on device", "fatal error: Killed signal"])
def test_what_the_compiler_lacked_in_passing_is_no_refusal(said, source, folder, compiling, caplog):
    calls = compiling(f"print('g++: {said}', file=sys.stderr); sys.exit(1)")
    assert operations(source, agree) is None
    assert f"could not finish: g++: {said}" in caplog.text
    assert not list(folder.glob("*.txt"))
    compiling(WRITES)
    assert operations(source, agree) == "operations"
    assert calls() == 2


@pytest.mark.parametrize(
    "does", ["sys.exit(1)", "open(place, 'w').write('a library')"], ids=["while it compiles", "before it is loaded"]
)
def test_a_cache_that_is_cleared_meanwhile_is_no_refusal(does, source, folder, loads, compiling, caplog):
    place = "place = sys.argv[sys.argv.index('-o') + 1]"
    gone = "import shutil; shutil.rmtree(os.path.dirname(place))"
    compiling(f"{place}\n{does if 'open' in does else ''}\n{gone}\n{does if 'exit' in does else ''}")
    assert operations(source, agree) is None
    assert "was removed while the compiler wrote to it" in caplog.text
    assert loads == []
    assert not list(folder.glob("*.txt"))
    compiling(WRITES)
    assert operations(source, agree) == "operations"


def test_messages_of_compilers_are_asked_for_in_english(source, compiling, caplog):
    """What is lacked in passing is known by its English sentence."""
    compiling(
        "english = os.environ.get('LC_ALL') == 'C'\n"
        "print('No space left on device' if english else 'Kein Platz', file=sys.stderr); sys.exit(1)"
    )
    assert operations(source, agree) is None
    assert "could not finish: No space left on device" in caplog.text


@pytest.mark.slow
def test_a_process_that_ends_while_it_compiles_is_not_followed_by_others(source, folder, compiling, caplog):
    """Where memory is limited the system ends it, and every next one if they compiled, too. Once may be the user."""
    compiling("open('compiling', 'w'); time.sleep(60)".replace("time", "__import__('time')"))
    code = "from pathlib import Path; from toolkit.network.compiled import operations; "
    code += f"operations(Path({str(source)!r}), print)"
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", code], cwd=source.parent)
        while not (source.parent / "compiling").exists():
            time.sleep(0.05)
        process.kill()
        process.wait()
        (source.parent / "compiling").unlink()
    calls = compiling(WRITES)
    assert operations(source, agree) is None
    assert calls() == 2
    assert "A process that compiled it was ended, perhaps for want of memory." in caplog.text
    (mark,) = folder.glob("*.txt")
    os.utime(mark, (time.time() + 90_000,) * 2)  # a clock that was wrong
    assert operations(source, agree) == "operations"
    assert not mark.exists()


@pytest.mark.parametrize("does", ["open(sys.argv[sys.argv.index('-o') + 1], 'w').write('something else')", REFUSES])
def test_what_is_refused_is_tried_again_after_a_day(does, source, folder, compiling, caplog):
    calls = compiling(does)
    assert operations(source, agree) is None
    assert "training is slower: " in caplog.text
    compiling(WRITES)
    assert operations(source, agree) is None
    assert calls() == 1
    (refused,) = folder.glob("*.txt")
    os.utime(refused, (time.time() - 90_000,) * 2)
    assert operations(source, agree) == "operations"
    assert calls() == 2


def test_what_fails_by_accident_is_said_and_tried_again(source, compiling, caplog):
    calls = compiling(DIES)
    assert operations(source, agree) is None
    assert "training is slower: " in caplog.text
    compiling(WRITES)
    assert operations(source, agree) == "operations"
    assert calls() == 2


def test_what_is_used_is_known(source, compiling, monkeypatch):
    monkeypatch.setattr(compiled, "COMPILED", set())
    compiling(DIES)
    operations(source, agree)
    assert set() == compiled.COMPILED
    compiling(WRITES)
    operations(source, agree)
    assert {"some operation.cc"} == compiled.COMPILED


def test_what_killed_processes_left_is_removed(source, folder, compiling):
    old, new = folder / "killed.made", folder / "compiling.made"
    for left in (old, new):
        left.mkdir(parents=True)
    os.utime(old, (0, 0))
    compiling(WRITES)
    operations(source, agree)
    assert not old.exists()
    assert new.exists()


def test_a_compiler_that_never_ends_is_given_up(source, compiling, monkeypatch, caplog):
    monkeypatch.setattr(compiled, "LONGEST", 0.5)
    compiling("import time; time.sleep(60)")
    assert operations(source, agree) is None
    assert "timed out" in caplog.text


@pytest.mark.parametrize("damage", [lambda path: path.write_text("half a lib"), lambda path: path.write_text("")])
def test_a_damaged_library_is_made_again(damage, source, folder, compiling):
    calls = compiling(WRITES)
    operations(source, agree)
    (library,) = folder.glob("*.so")
    damage(library)
    assert operations(source, agree) == "operations"
    assert library.read_text() == "a library"
    assert calls() == 2


def test_what_another_user_left_is_not_run(source, compiling, monkeypatch):
    calls = compiling(WRITES)
    operations(source, agree)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    operations(source, agree)
    assert calls() == 2


def test_a_library_of_another_user_by_this_users_name_is_not_run(source, folder, loads, compiling, monkeypatch):
    calls = compiling(WRITES)
    operations(source, agree)
    (library,) = folder.glob("*.so")
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    library.rename(library.with_name(library.name.rsplit("-", 1)[0] + "-12345.so"))
    loads.clear()
    operations(source, agree)
    assert calls() == 2
    assert not any(path.endswith("-12345.so") and "made" not in path for path in loads)


def test_a_cache_that_cannot_be_written_is_said(source, compiling, monkeypatch, tmp_path, caplog):
    compiling(WRITES)
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file" / "cache"))
    assert operations(source, agree) is None
    assert "training is slower" in caplog.text


def test_where_files_cannot_be_locked_each_process_compiles(source, compiling, monkeypatch):
    def flock(*_):
        raise OSError("no locks here")

    compiling(WRITES)
    monkeypatch.setattr("fcntl.flock", flock)
    assert operations(source, agree) == "operations"


def test_another_source_compiler_processor_or_tensorflow_has_another_library(source, monkeypatch, compiling):
    compiling(WRITES)
    command = compiler()
    keys = [compiled.key(source, command), compiled.key(source, [*command, "-O2"])]
    for target, name, value in [
        (compiled, "instructions", lambda: "another"),
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


def test_what_a_compiler_says_may_be_in_any_encoding(source, compiling, caplog):
    compiling("sys.stderr.buffer.write(b'\\xff\\xfe'); sys.exit(2)", version="\\xff")
    with caplog.at_level(logging.WARNING):
        assert operations(source, agree) is None
    assert "does not compile it" in caplog.text
