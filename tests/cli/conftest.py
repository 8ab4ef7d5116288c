"""A command line as ``toolkit`` runs it, an empty working folder, and runs that are finished."""

import json

import pytest


@pytest.fixture
def toolkit(command_line):
    """Run a command line as ``toolkit`` does: exit code, standard output, standard error."""
    return command_line


@pytest.fixture
def document(toolkit):
    """Run a command that succeeds in silence with ``--json``: its document, which has no NaN."""

    def run(*arguments):
        code, out, err = toolkit(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out, parse_constant=pytest.fail)

    return run


@pytest.fixture
def refused(toolkit):
    """Run a command that is refused: one sentence on standard error, exit code 2, nothing else. Return the sentence."""

    def run(*arguments):
        code, out, err = toolkit(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("toolkit: ")
        assert err.endswith("\n")
        assert err.count("\n") == 1
        return err

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(comparison_folder):
    return comparison_folder / "runs"
