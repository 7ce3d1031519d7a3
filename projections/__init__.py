"""Read models: what the events say, ready to be read.

One file per read model: its row, its fold (pure), and beside it the SQL that merges its rows into its table. The clerk
folds as it appends, the rebuilder folds the stored log: the same fold, two drivers.
"""
