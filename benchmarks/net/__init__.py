"""What the speed benchmarks share: measured servers, delays of packets, attackers and reports."""
