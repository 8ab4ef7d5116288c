from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.metrics.reference import passages


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(0, 300))
def test_passages_have_the_samples_lengths(lengths: list[int], characters: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(characters))  # every character says where it stands
    cut = passages(text, lengths)
    assert [len(passage) for passage in cut] == [min(length, characters) for length in lengths]
    assert all(passage in text for passage in cut)
    if sum(lengths) <= characters:
        joined = "".join(cut)
        assert len(set(joined)) == len(joined)  # nothing is taken twice
        assert joined == "".join(sorted(joined))
