"""What a thing is: the nouns of prior authorization as frozen, closed models."""
