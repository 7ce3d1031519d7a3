"""Reading over HTTP: the controllers that answer from the read models."""

from litestar import Controller

READ_CONTROLLERS: list[type[Controller]] = []
