"""Tools for developers only: the sample, the checks, the benchmark, the soak test."""
