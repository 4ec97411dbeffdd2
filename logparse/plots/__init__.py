"""Pictures of runs and comparisons.

    figure = plots.figure(plots.picture(report.runs[-1], "loss", "grad-norms"))
    figure.savefig("run.png")

A picture is data; figures are matplotlib's own, made without pyplot: nothing global is touched,
and they work with any backend, in notebooks and in threads. Only `figure`, `save` and `svg`
import matplotlib.
"""
