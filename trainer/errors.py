"""The one exception that ends a run with a line instead of a traceback."""


class TrainerError(Exception):
    """What the user asked for cannot be done; the message is one clear line."""
