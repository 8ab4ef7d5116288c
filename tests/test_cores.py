"""A container has no more cores than its quota."""

import pytest

from toolkit.environment import cores


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", 99), ("150000 100000", 1), ("50000 100000", 1), ("900000 100000", 9)]
)
@pytest.mark.parametrize("own", ["0::/\n", "1:memory:/elsewhere\n0::/a.slice/job\n"])  # a job in a slice
def test_a_container_has_no_more_than_its_share(tmp_path, quota, most, own):
    job = tmp_path / "a.slice" / "job"
    job.mkdir(parents=True)
    (tmp_path / "own").write_text(own)
    (job / "cpu.max").write_text("max 100000\n")
    (tmp_path / ("a.slice" if "slice" in own else "") / "cpu.max").write_text(f"{quota}\n")
    assert cores(tmp_path / "own", tmp_path) == min(cores(tmp_path / "none"), most)


@pytest.mark.parametrize(("quota", "most"), [("-1", 99), ("150000", 1)])
def test_a_container_of_the_first_version_has_no_more_than_its_share(tmp_path, quota, most):
    (tmp_path / "own").write_text("4:cpu:/\n7:memory:/\n")
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cores(tmp_path / "own", tmp_path) == min(cores(tmp_path / "none"), most)
