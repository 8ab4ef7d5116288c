"""The article that this project answers: its four networks reproduced, what went wrong, and the repairs."""
