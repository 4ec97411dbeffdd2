"""What is followed, for people and for programs."""
