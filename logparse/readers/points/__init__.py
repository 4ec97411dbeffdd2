"""What formats of named numbers share: points, what their names mean, and runs made of them."""
