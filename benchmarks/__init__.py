"""Benchmarks: our time beside a floor and peers, on the same bytes, in the same run."""
