"""A container has no more cores than its quota."""

import pytest

from toolkit.environment import cores


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", 99), ("150000 100000", 1), ("50000 100000", 1), ("900000 100000", 9)]
)
def test_a_container_has_no_more_than_its_share(monkeypatch, tmp_path, quota, most):
    monkeypatch.setattr("toolkit.environment.OWN_GROUPS", tmp_path / "none")
    whole = cores()
    monkeypatch.setattr("toolkit.environment.GROUPS", tmp_path)
    monkeypatch.setattr("toolkit.environment.OWN_GROUPS", tmp_path / "own")
    (tmp_path / "own").write_text("0::/\n")
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert cores() == min(whole, most)
    (tmp_path / "own").write_text("1:memory:/elsewhere\n0::/a.slice/job\n")  # a job in a slice that has the quota
    (tmp_path / "a.slice" / "job").mkdir(parents=True)
    (tmp_path / "cpu.max").rename(tmp_path / "a.slice" / "cpu.max")
    (tmp_path / "a.slice" / "job" / "cpu.max").write_text("max 100000\n")
    assert cores() == min(whole, most)
