"""The back-test: what is held out, what is fitted, how it is scored, and how it is told."""
