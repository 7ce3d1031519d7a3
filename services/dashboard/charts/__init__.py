"""Charts: pure functions from figures to SVG or HTML. Text stays HTML, so that it can be read at any width.

No chart has a style of its own: classes say what a mark means, and the sheet what that looks like in either scheme. All
classes begin with ``c-``.
"""
