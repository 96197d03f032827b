"""The seeds' tables and figures, ours beside theirs, as a page and as Markdown."""
