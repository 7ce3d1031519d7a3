"""The service's operations as tools of the Model Context Protocol, for assistants. Calls go through the HTTP API."""
