"""Introductions: one party brings two others together, with the consent of both.

``events`` and ``commands`` are what is said, ``state`` how one stands after its events, ``decide`` the rules.
"""
