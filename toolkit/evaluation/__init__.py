"""From runs and a corpus to numbers: what columns pay, cover and write, and how certain their differences are."""
