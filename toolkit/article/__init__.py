"""The article that this project answers: its four networks again, what went wrong, and the repairs beside them."""
