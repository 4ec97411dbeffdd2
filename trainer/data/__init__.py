"""The two tasks' data: made on the device, from a seed, by the trainer itself."""
