"""The other side: practices whose records the samples are made of, and payers to practise against."""
