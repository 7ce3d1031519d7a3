"""The commands of the command line. Each one's module is imported when the command is called."""

import importlib.metadata
import importlib.util

from cyclopts import App

COMMANDS = {
    "serve": ("services.cli.serve:serve", "Start Requite, with its own PostgreSQL or yours."),
    "open": ("services.cli.ledgers:open_new", "Open a ledger, and print its first admin key."),
    "link": ("services.cli.ledgers:link", "Print a sign-in link for a ledger's pages."),
    "key": ("services.cli.keys:key", "Make, list and end the access keys of a ledger."),
    "import": ("services.cli.imports:import_file", "Record an address book, a calendar, expenses …, or commands."),
    "balance": ("services.cli.balance:balance", "What a party gave and received, in all and with whom."),
    "promises": ("services.cli.promises:promises", "The promises that a party made, and those made to it."),
    "attention": ("services.cli.attention:attention", "What wants a party's attention."),
    "who-knows": ("services.cli.who_knows:who_knows", "Whom to ask about something."),
    "trust": ("services.cli.trust:trust", "What is thought of a party's promises, and why."),
    "audit": ("services.cli.audit:audit", "What was promised against what was delivered."),
    "events": ("services.cli.events:events", "The log, event by event, and what is recorded as it is recorded."),
    "webhook": ("services.cli.webhooks:webhook", "Have other services told of a ledger's events."),
    "export": ("services.cli.proofs:export", "Write a whole ledger to one file that anyone can check."),
    "verify": ("services.cli.proofs:verify", "Check such a file, without any server."),
    "witness": ("services.cli.witness:witness", "Watch the logs of other services, and sign what was seen."),
    "doctor": ("services.cli.proofs:doctor", "Look ledgers over: the log, its tree, and the read models."),
    "backup": ("services.cli.backup:backup", "Write everything to a file, and the keys to another."),
    "restore": ("services.cli.backup:restore", "Restore such a backup, check it, and forget who was erased since."),
    "retention": ("services.cli.retention:retention", "What people wrote, and when it will be forgotten."),
    "archive": ("services.cli.archive:archive", "Put old events' bytes away in files beside the database."),
    "mcp": ("services.cli.mcp:mcp", "Offer a ledger's operations to an assistant, as MCP tools."),
    "db": ("services.cli.db:db", "Spread the database over machines, by ledger."),
    "rebuild": ("services.cli.rebuild:rebuild", "Build the read models anew from the log, and mend what differs."),
}
"""Every command: where it is, a function or an App of commands, and what it does."""


def _version() -> str:
    return importlib.metadata.version("requite")


app = App(
    name="requite",
    help="A give-and-take ledger: favours, introductions and promises, with balances and a promise audit.",
    version=_version,
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says that it was interrupted
)
for _name, (_place, _help) in COMMANDS.items():
    if importlib.util.find_spec(_place.partition(":")[0]) is not None:
        app.command(_place, name=_name, help=_help, sort_key=list(COMMANDS).index(_name))
