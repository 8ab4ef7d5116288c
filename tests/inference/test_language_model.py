"""Models trained elsewhere against a plain loop of torch, with tiny GPT-2s and Llamas that are made here."""

import json
import math
import shutil
from functools import partial

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.conftest import TINY
from tests.helpers.rounding import assert_same_sums
from tests.inference.test_models import check_laws
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.errors import InputError
from toolkit.events.distribution import Fine
from toolkit.events.encoding import DOC
from toolkit.inference.coding import Decoder, Encoder
from toolkit.inference.language_model import LanguageModel
from toolkit.inference.verification import check_sample, decode, verify
from toolkit.runs.folder import load
from toolkit.runs.spec import parse_column, parse_columns
from toolkit.text.corpus import Document

torch = pytest.importorskip("torch", reason="the extra hf is not installed")
transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")

SPECIAL = "<|endoftext|>"
TEXT = f"The harbour lay still, as harbours do; “quincunx” Ωλ 😀 {SPECIAL}\n\n the old lamp burned.  " * 5
SIZES = {"vocab_size": 320, "initializer_range": 0.3}
GPT2 = {"n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2}
LLAMA = {"max_position_embeddings": 17, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
KINDS = {  # with the ids that begin and end a document
    "gpt2": ("GPT2", GPT2, 0, 0),
    "llama": ("Llama", LLAMA | {"num_attention_heads": 2}, None, 0),
    "endless": ("GPT2", GPT2, 1, None),
}

TERMS = 2 * (16 + 8 + 16 + 16 + 16 + 64) + 16  # of two blocks' sums, and of a logit's


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder of each kind of model, with random weights, more outputs than tokens and 16 or 17 positions."""
    torch.manual_seed(0)
    library = Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=[SPECIAL], initial_alphabet=alphabet)
    library.train_from_iterator([TEXT.replace(SPECIAL, "")], trainer)
    root = tmp_path_factory.mktemp("models")
    for name, (kind, sizes, bos, eos) in KINDS.items():
        settings = SIZES | sizes | {"bos_token_id": bos, "eos_token_id": eos}
        config = getattr(transformers, f"{kind}Config")(**settings)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(root / name)
        library.save(str(root / name / "tokenizer.json"))
    return root


@pytest.fixture(params=list(KINDS))
def kind(request):
    return request.param


def model_in(folder):
    column = parse_column(f"lm:{folder}", {})
    tokenizer = column.make().fit(())
    return LanguageModel(column.make().restore(tokenizer.state()))


def plain_loop(folder, text, bos, eos):
    """Bits of the tokens, and of the end, by windows that overlap by half; the first token without a beginning."""
    network = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    library = Tokenizer.from_file(str(folder / "tokenizer.json"))
    library.encode_special_tokens = True
    ids = library.encode(text, add_special_tokens=False).ids
    ids = [id_ for id_ in (bos, *ids, eos) if id_ is not None]
    context = network.config.max_position_embeddings
    bits = [] if bos is not None else [math.log2(SIZES["vocab_size"])]
    end = 1
    while end < len(ids):
        begin = max(0, -(-(end + 1 - context) // (context // 2))) * (context // 2)
        window = ids[begin : begin + context]
        with torch.no_grad():
            logs = network(torch.tensor([window])).logits[0].double().log_softmax(-1)
        bits += [-logs[i - 1, window[i]].item() / math.log(2) for i in range(end - begin, len(window))]
        end = begin + len(window)
    return bits


def test_bits_are_those_of_a_plain_loop_and_each_token_is_charged_once(folders, kind):
    model, (_, _, bos, eos) = model_in(folders / kind), KINDS[kind]
    for text in (TEXT, TEXT[:40], "a", ""):
        (scores,) = model.score_documents([Document("a", text)])
        bits = plain_loop(folders / kind, text, bos, eos) + [0.0] * (eos is None)
        assert_same_sums(scores.network_bits, bits, TERMS)  # 0.004 seen
        assert len(model.tokenizer.encode(Document("a", text)).ids) == len(bits)
        assert_same_sums(model.bits(text), sum(bits), TERMS)  # 0.001 seen
    assert len(bits) == 1  # the empty text


def test_steps_and_a_coder_pay_the_scores(folders, kind):
    model, documents = model_in(folders / kind), [Document("a", TEXT), Document("b", "The lamp")]
    scores = model.score_documents(documents)
    check_sample(model, documents, scores, seed=0)
    if kind != "endless":
        check_laws(model)
        result = verify(model, partial(decode, model), documents, lambda *_: None, [s.total for s in scores])
        assert result.wrong is None
    (sample,) = model.generate("The", 30, temperature=1.0)
    assert len(sample) == 30
    assert DOC not in next(model.sample(np.array([DOC], np.int32), [0], 1.0))


def test_a_fine_distribution_is_coded_for_its_bits():
    rng = np.random.default_rng(0)
    distribution = np.exp(4 * rng.normal(size=5000))
    distribution = (distribution / distribution.sum()).view(Fine)
    outcomes = [*rng.choice(5000, 300, p=np.asarray(distribution)).tolist(), int(distribution.argmin())]
    encoder = Encoder()
    for outcome in outcomes:
        encoder.put(distribution, outcome)
    assert encoder.bits == pytest.approx(-np.log2(np.asarray(distribution)[outcomes]).sum(), rel=1e-4)
    decoder = Decoder(encoder.data())
    assert [decoder.pick(distribution) for _ in outcomes] == outcomes


def test_a_column_is_the_same_for_every_seed_writes_nothing_and_needs_its_files_unchanged(
    folders, brief, tmp_path
):
    folder = shutil.copytree(folders / "gpt2", tmp_path / "model")
    columns = parse_columns(["char@ngram", f"lm:{folder}"], {})
    comparison = compute(Request(brief, columns, TINY, (0, 1), quick=True), tmp_path / "out", Reporter())
    cell, other = comparison.by_column[columns[1].name]
    assert cell.documents == other.documents
    assert (cell.model, cell.generated, cell.updates, cell.seed) == ("lm", None, 0, 0)
    assert comparison.contrasts[0].seeds == (2, 2)
    run = tmp_path / "out" / cell.run
    bits = model_in(folder).bits("The lamp.")
    assert_same_sums(load(run).bits("The lamp."), bits, TERMS)  # 0 seen
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"changed": 1}))
    for change in (lambda: None, lambda: shutil.rmtree(folder)):
        change()
        with pytest.raises(InputError, match=str(folder)):
            load(run)


@pytest.mark.parametrize("name", ["lm", "lm:nowhere", "char@lm", "lm:nowhere@gru"])
def test_columns_without_a_model_of_their_own_are_refused(name):
    with pytest.raises((InputError, FileNotFoundError)):
        parse_column(name, {}).make().check()
