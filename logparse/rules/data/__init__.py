"""Rules about throughput and input."""
