"""The one trainer for every tokenizer, and what it is steered by."""
