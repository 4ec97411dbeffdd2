"""A comparison in the forms people and programs read; data in, text out, nothing printed.

What is said is made once, as sections of tables and notes; text and Markdown lay them out.
"""
