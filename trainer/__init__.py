"""The reference trainer: a small PyTorch program whose logs this toolkit reads.

Run it as `python -m trainer` from the repository; it is never installed with the package.
`training.py` is the program, to be read from top to bottom; everything else serves it.
"""
