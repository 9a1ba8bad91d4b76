"""What only developers run: the sample, the checks, the benchmark, the soak test."""
