"""The network of a ledger: who is tied to whom, where it would fall apart, and which introduction would serve best.

Its figures are computed in a process of their own, off the path of any request, and kept by the ledger's position.
"""
