"""One PDF from a letter and its exhibits, with nothing in it that could act, and nothing left out unsaid."""
