"""A Dask cluster that tests share, because to start one takes seconds."""

import pytest


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A scheduler and workers. It gives a task up after the first death of a worker with it."""
    from dask_processes import running_cluster

    with running_cluster(tmp_path_factory.mktemp("cluster"), SCHEDULER__ALLOWED_FAILURES=0) as processes:
        yield processes


@pytest.fixture
def cluster(running):
    """A scheduler with two workers, also after a test that has ended some."""
    running.mend(2)
    return running
