"""What a person is told instead of the page that was asked for."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from services.dashboard.language import accepted, choose_language, speak
from services.dashboard.language import translate as _
from services.dashboard.render import page
from services.http.problems import Problem, answer_error
from services.reading.question import BadQuestionError


class PageError(Exception):
    """Something that a person has to be told instead of the page."""

    def __init__(self, status_code: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status_code = status_code
        self.title = title
        self.text = text


class NotSignedInError(Exception):
    """The page is for those who signed in."""


def answer_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The page instead of the one that was asked for."""
    speak(choose_language(accepted(request.headers.get("accept-language", ""))))
    if isinstance(error, NotSignedInError):
        return Redirect("/", status_code=303)
    if isinstance(error, PageError):
        return page("message.html", status_code=error.status_code, title=error.title, text=error.text)
    if isinstance(error, BadQuestionError):
        return page("message.html", status_code=400, title=_("This question makes no sense"), text=error.message)
    answer = answer_error(request, error)  # which also logs it
    problem = msgspec.json.decode(answer.content, type=Problem)
    return page("message.html", status_code=problem.status, title=problem.title, text=problem.detail)
