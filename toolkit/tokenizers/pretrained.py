"""The tokens of a language model that was trained elsewhere, from the folder that has its files."""

from collections.abc import Sequence
from typing import Any, Self

from toolkit.errors import InputError, first_line
from toolkit.text.corpus import Document
from toolkit.tokenizers.subwords import GivenTokenizer


class ModelTokens(GivenTokenizer):
    """The tokenizer ``lm:PATH``: the tokens of a causal language model in a local folder.

    The folder has config.json, tokenizer.json and the weights, as the library ``transformers`` saves them. Id 0,
    ``<doc>``, is the model's end token. All other ids of its output follow in the library's order. The names of special
    tokens are plain text in a document. Nothing is learned from the corpus.
    """

    inside = ("tokenizer.json",)
    has_all_tokens = True

    def check(self) -> None:
        """Raise InputError if a package is missing, or the folder has no usable configuration or tokens."""
        self.fit(())

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:  # noqa: ARG002
        """Number the ids of the model's output."""
        tokens, size, end = self.library_tokens(()), self.config().vocab_size, self.special_id("eos")
        return self._set(tokens, [id_ for id_ in range(size) if id_ != end], 0, 0)

    def config(self) -> Any:
        """Return the model's configuration. Raises InputError as ``network`` does."""
        return self._load("AutoConfig").get_text_config()

    def network(self) -> Any:
        """Return the model, on the GPU if there is one. Raises InputError if packages or files are missing."""
        network, loading = self._load("AutoModelForCausalLM", output_loading_info=True)
        if loading["missing_keys"]:
            raise InputError(f"{self.path} lacks weights: {', '.join(loading['missing_keys'])}. Restore them.")
        import torch

        return network.float().eval().to("cuda" if torch.cuda.is_available() else "cpu")

    def _load(self, class_name: str, **options: Any) -> Any:
        try:
            import torch  # noqa: F401 - which transformers can do without
            import transformers

            transformers.utils.logging.set_verbosity_error()
            transformers.utils.logging.disable_progress_bar()
            loader = getattr(transformers, class_name).from_pretrained
            return loader(self.path, local_files_only=True, trust_remote_code=False, **options)
        except ImportError as error:
            command = 'python -m pip install -e ".[hf]"'
            raise InputError(f"lm:PATH needs torch and transformers. Run: {command}") from error
        except (OSError, ValueError) as error:
            raise InputError(f"There is no usable model in {self.path}: {first_line(error)}.") from error

    def special_id(self, name: str) -> int | None:
        """Return the model's id of the token "bos", which begins a text, or "eos", which ends it; None without one."""
        ids, size = getattr(self.config(), f"{name}_token_id", None), self.config().vocab_size
        return next((id_ for id_ in (ids if isinstance(ids, list) else [ids]) if id_ in range(size)), None)
