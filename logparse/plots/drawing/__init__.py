"""Pictures as matplotlib Figures: the only room that imports matplotlib.

Nothing here changes anything global: no pyplot, no style, no setting of matplotlib's; every artist
is told its colours, widths and font. That is what makes it safe in threads and equal everywhere.
"""
