"""Catalogues of the pages' texts: one ``<code>.po`` for every language but English, as gettext has them."""
