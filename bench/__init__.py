"""Benchmarks: what ``make bench`` measures, each as a ratio or a median of one run."""
