"""The reproduction's folder: what is kept, what is refused."""

import pytest

from toolkit.article.experiments import experiments
from toolkit.article.folder import REPRODUCTION, keep, kept
from toolkit.errors import InputError
from toolkit.out_folder import take

from .reproduction_example import result

ASKED = {"corpus": {"name": "tales", "sha256": "ab", "split_seed": 0}, "characters": 1_000, "seed": 0}
FIRST, SECOND = experiments(310_000, 1_500_000, 0)[:2]


def test_other_settings_are_refused_by_name(tmp_path):
    take(tmp_path, ASKED, REPRODUCTION)
    with pytest.raises(InputError, match=r"there seed is 0, here it is 1; choose another folder with --out"):
        take(tmp_path, ASKED | {"seed": 1}, REPRODUCTION)
    with pytest.raises(InputError, match=r"corpus\.sha256 is 'ab'"):
        take(tmp_path, ASKED | {"corpus": ASKED["corpus"] | {"sha256": "cd"}}, REPRODUCTION)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    (tmp_path / "lock").touch()
    with pytest.raises(InputError, match=r"is not a reproduction, but contains thesis\.txt"):
        take(tmp_path, ASKED, REPRODUCTION)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "thesis.txt"]


def test_a_result_comes_back_whole(tmp_path):
    assert kept(tmp_path, FIRST) is None
    keep(tmp_path, result(FIRST, 0.2))
    assert kept(tmp_path, FIRST) == result(FIRST, 0.2)
    assert kept(tmp_path, SECOND) is None
    assert [path.name for path in (tmp_path / "experiments").iterdir()] == ["network-1.json"]


@pytest.mark.parametrize("damage", ["", '{"name": "network-1"', "{}"])
def test_a_half_written_or_foreign_result_is_made_again(tmp_path, damage):
    keep(tmp_path, result(FIRST, 0.2))
    (tmp_path / "experiments" / "network-1.json").write_text(damage)
    assert kept(tmp_path, FIRST) is None


def test_a_result_of_another_recipe_is_made_again(tmp_path):
    keep(tmp_path, result(SECOND, 0.2).model_copy(update={"name": FIRST.name}))
    assert kept(tmp_path, FIRST) is None
