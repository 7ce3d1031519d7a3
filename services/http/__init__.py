"""The HTTP API: Litestar, msgspec structs as bodies, problem+json for every error.

To add handlers (``services/http/reads/`` does):

- A controller in ``READ_CONTROLLERS`` is mounted under ``/v1/ledgers/{ledger:str}``; its ``path`` is relative to that
  (``path = "/promises"``, ``path = "/relationships"``). Call a stream's path parameter ``id``, as the write side does:
  ``@get("/{id:uuid}")`` with ``stream: Annotated[UUID, PathParameter(name="id")]``.
- ``guards = [requires("read")]`` (``services.http.guards``) on a controller or handler: the request's key has to belong
  to the ledger of the path, still hold, and have the scope. Scopes: read, record, audit, admin; admin has all.
- A handler gets what it needs by naming it: ``service: NamedDependency[Service]``,
  ``access_key: NamedDependency[AccessKey]`` (``litestar.di``). ``ledger: FromPath[str]`` is the ledger's id.
- A rule that says no raises ``domain.refusal.Refusal``; what is wrong with the request itself raises
  ``ProblemError(code, detail)`` (``services.http.problems``; its table says which code has which status).
- Parameters are ``Annotated[int, QueryParameter(ge=1, le=1000)] = 100`` and the like (``litestar.params``); one that
  does not fit becomes a 400 ``invalid_parameter`` by itself, and so does one that the handler does not have.
- A body is ``data: JSONBody[Kind]``, decoded strictly (``services.http.bodies``).
- OpenAPI: error responses, security, and examples for the usual path parameters are added to every operation by
  ``services.http.openapi``; other parameters take ``examples=[Example(value=…)]`` (``litestar.openapi.spec``).
  ``operation_id`` is ``<noun>_<verb>`` (``promise_list``).
"""
