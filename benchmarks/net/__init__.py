"""A crowd of speakers, a bad network, and servers to be measured: what the speed benchmarks share."""
