"""Whose fault an error is: of someone else's code, or of nobody's, where memory or a disk has no room."""

import errno

import pytest

from toolkit.errors import ContractError, InputError, OutOfMemoryError
from toolkit.runs.columns import Column
from toolkit.runs.isolated import blamed
from toolkit.tokenizers import TOKENIZERS

OURS, THEIRS = Column("char", "char", None), Column("mine", "mine", None)


@pytest.fixture(autouse=True)
def _mine():
    with TOKENIZERS.restored():
        TOKENIZERS.add("mine")(type("Mine", (), {}))
        yield


def raised(error, *columns, cause=None):
    """The kind of what comes out of a block in which an error is raised."""
    with pytest.raises(Exception, check=bool) as came, blamed(*columns):
        raise error from cause
    return came.type


class ResourceExhaustedError(Exception):
    """TensorFlow's has this name."""


@pytest.mark.parametrize("error", [MemoryError(), ResourceExhaustedError("OOM when allocating")])
def test_memory_that_runs_out_is_nobodys_fault_and_of_this_column_only(error):
    assert raised(error, THEIRS) is OutOfMemoryError
    assert raised(error, OURS) is OutOfMemoryError


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_that_cannot_be_written_is_nobodys_fault(number):
    error = OSError(number, "said")
    assert issubclass(raised(error, THEIRS), OSError)
    assert raised(InputError("The cache cannot be written."), THEIRS, cause=error) is InputError


def test_all_else_is_the_fault_of_someone_elses_code_in_any_of_the_columns():
    for error in (
        KeyError("this"),
        InputError("No."),
        FileNotFoundError(errno.ENOENT, "said"),
        PermissionError(errno.EACCES, "a file of its own"),
    ):
        assert raised(error, THEIRS) is ContractError
        assert raised(error, OURS, THEIRS) is ContractError
        assert raised(error, OURS, OURS) is type(error)
