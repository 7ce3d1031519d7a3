"""Every operation of the API, for threads. Written from its OpenAPI document by ``just client``; do not edit it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.client import structs
from services.client.pages import Pages
from services.client.transport import Call, Transport, given, segment


class Contacts:
    """The operations under ``/contacts``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        after: str | None = None,
        limit: int | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        order: Literal["oldest", "newest"] | None = None,
    ) -> Pages[structs.ContactView, structs.ContactPage]:
        """The contacts: all, of one party, or between two.

        List contacts as they stand, in the order in which they were recorded.

        A page may hold fewer than `limit`, even none: go on until `next` is null.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/contacts",
            query={
                "at_least": at_least,
                "after": after,
                "limit": limit,
                "party": party,
                "other": other,
                "order": order,
            },
        )
        return Pages(self._transport, call, structs.ContactPage)

    def record(
        self,
        *,
        initiator: UUID,
        other: UUID,
        channel: Literal["call", "in_person", "mail", "message", "other", "social", "video"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        felt: int | None = None,
        learnt: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Record that two parties were in contact.

        Either of them or a third party may say so.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/contacts",
            query={"id": id},
            body=given(
                by=by,
                occurred_at=occurred_at,
                initiator=initiator,
                other=other,
                channel=channel,
                felt=felt,
                learnt=learnt,
            ),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reword(
        self,
        id: UUID,
        *,
        learnt: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say in other words what was learnt.

        For who recorded it, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/contacts/{id}/reword",
            body=given(by=by, occurred_at=occurred_at, learnt=learnt),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def retract(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that it had been recorded in error.

        For who recorded it, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/contacts/{id}/retract",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reinstate(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take a retraction back.

        For who retracted, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/contacts/{id}/reinstate",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def read(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.ContactAnswer:
        """One contact, with its history.

        Read a contact and everything that was said about it, as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/contacts/{id}",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.ContactAnswer)


class Events:
    """The operations under ``/events``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        topic: tuple[str, ...] | None = None,
        party: UUID | None = None,
        words: bool | None = None,
        wait: int | None = None,
    ) -> Pages[structs.LoggedEvent, structs.EventPage]:
        """The log, by position: a page, a page that waits, or a stream.

        List events in their canonical form, without a gap; `after` is the position after which to begin.

        With `wait` an answer that would be empty waits until there is something. With `Accept: text/event-stream`
        the answer does not end: a stream of server-sent events, each with its position as its id, which
        `Last-Event-ID` takes up again; `limit` and `wait` mean nothing there. Where only some topics or a party are
        asked for, a page may be empty and yet have a `next`.

        A key that is bound to parties is not shown what is another party's own matter: how one answered to an
        introduction, and how close one says that others are. Such an event is null, and left out where only some
        are asked for.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/events",
            query={"after": after, "limit": limit, "topic": topic, "party": party, "words": words, "wait": wait},
        )
        return Pages(self._transport, call, structs.EventPage)

    def list_cloudevents_batch_json(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        topic: tuple[str, ...] | None = None,
        party: UUID | None = None,
        words: bool | None = None,
        wait: int | None = None,
    ) -> bytes:
        """The log, by position: a page, a page that waits, or a stream.

        List events in their canonical form, without a gap; `after` is the position after which to begin.

        With `wait` an answer that would be empty waits until there is something. With `Accept: text/event-stream`
        the answer does not end: a stream of server-sent events, each with its position as its id, which
        `Last-Event-ID` takes up again; `limit` and `wait` mean nothing there. Where only some topics or a party are
        asked for, a page may be empty and yet have a `next`.

        A key that is bound to parties is not shown what is another party's own matter: how one answered to an
        introduction, and how close one says that others are. Such an event is null, and left out where only some
        are asked for.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/events",
            query={"after": after, "limit": limit, "topic": topic, "party": party, "words": words, "wait": wait},
            accept="application/cloudevents-batch+json",
        )
        return self._transport.send(call, bytes)

    def read(self, position: int, *, words: bool | None = None) -> structs.EventAnswer:
        """One event of the log.

        Read the event at a position in its canonical form, or as a CloudEvent where `Accept` asks for that.
        """
        call = Call(method="GET", path=f"{self._path}/events/{position}", query={"words": words})
        return self._transport.send(call, structs.EventAnswer)

    def read_cloudevents_json(self, position: int, *, words: bool | None = None) -> bytes:
        """One event of the log.

        Read the event at a position in its canonical form, or as a CloudEvent where `Accept` asks for that.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/events/{position}",
            query={"words": words},
            accept="application/cloudevents+json",
        )
        return self._transport.send(call, bytes)


class Favours:
    """The operations under ``/favours``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        after: str | None = None,
        limit: int | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        order: Literal["oldest", "newest"] | None = None,
    ) -> Pages[structs.FavourView, structs.FavourPage]:
        """The favours: all, of one party, or between two.

        List favours as they stand, in the order in which they were recorded.

        A page may hold fewer than `limit`, even none: go on until `next` is null.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/favours",
            query={
                "at_least": at_least,
                "after": after,
                "limit": limit,
                "party": party,
                "other": other,
                "order": order,
            },
        )
        return Pages(self._transport, call, structs.FavourPage)

    def record(
        self,
        *,
        giver: UUID,
        receiver: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        unit: str | None = None,
        quantity: int = 1,
        gift: Literal["declared", "refused"] | None = None,
        topic: str | None = None,
        what: str | None = None,
        note: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Record that the giver did something for the receiver.

        The giver, the receiver or a third party may say so.

            As a gift it goes on the ledger's gift register: ``declared`` where it was taken, ``refused`` where it
        was not (it     then moves no balance). The receipt's ``notices`` tell where a gift taken crosses one of the
        policy's limits.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/favours",
            query={"id": id},
            body=given(
                by=by,
                occurred_at=occurred_at,
                giver=giver,
                receiver=receiver,
                unit=unit,
                quantity=quantity,
                gift=gift,
                topic=topic,
                what=what,
                note=note,
            ),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def acknowledge(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        value: int | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The receiver says that it was so, and perhaps what it was worth."""
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/acknowledge",
            body=given(by=by, occurred_at=occurred_at, value=value, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def thank(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The receiver says thank you."""
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/thank",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def dispute(
        self,
        id: UUID,
        *,
        reason: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The giver or the receiver says that it was not so."""
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/dispute",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def settle(
        self,
        id: UUID,
        *,
        quantity: int,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Name the quantity at which the dispute may end; it ends once both named the same.

        0: nothing was given.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/settle",
            body=given(by=by, occurred_at=occurred_at, quantity=quantity),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def withdraw_dispute(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take back a dispute that one raised."""
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/withdraw-dispute",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def retract(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that it had been recorded in error.

        For who recorded it, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/retract",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reinstate(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take a retraction back.

        For who retracted, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/favours/{id}/reinstate",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def read(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.FavourAnswer:
        """One favour, with its history.

        Read a favour and everything that was said about it, as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/favours/{id}",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.FavourAnswer)


class Gifts:
    """The operations under ``/gifts``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        giver: UUID | None = None,
        receiver: UUID | None = None,
        gift: Literal["declared", "refused"] | None = None,
        crossing: bool | None = None,
    ) -> Pages[structs.GiftLine, structs.GiftPage]:
        """The gift register.

        List gifts in the order in which they were recorded, as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/gifts",
            query={
                "at_least": at_least,
                "as_of": as_of,
                "clock": clock,
                "after": after,
                "limit": limit,
                "giver": giver,
                "receiver": receiver,
                "gift": gift,
                "crossing": crossing,
            },
        )
        return Pages(self._transport, call, structs.GiftPage)


class Imports:
    """The operations under ``/imports``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(self, *, limit: int | None = None) -> structs.ImportPage:
        """The imports, the latest first.

        List imports, those that were undone too.
        """
        call = Call(method="GET", path=f"{self._path}/imports", query={"limit": limit})
        return self._transport.send(call, structs.ImportPage)

    def start(
        self,
        *,
        content: bytes | str,
        format: str | None = None,
        filename: str | None = None,
        me: UUID | None = None,
        match_names: bool | None = None,
        since: str | None = None,
        currency: str | None = None,
        preview: bool | None = None,
    ) -> structs.ImportAnswer:
        """Import a file that people have in hand, or preview that.

        Send the file's bytes as they are, or as a form with one part called `file`.

        The same file is the same import: sent again it goes on where it stopped, and records nothing twice.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/imports",
            query={
                "format": format,
                "filename": filename,
                "me": me,
                "match_names": match_names,
                "since": since,
                "currency": currency,
                "preview": preview,
            },
            body=content,
            media_type="application/octet-stream",
        )
        return self._transport.send(call, structs.ImportAnswer)

    def read(self, id: UUID) -> structs.ImportView:
        """An import, and how far it is.

        Read how an import stands: what it recorded so far, and what it refused.
        """
        call = Call(method="GET", path=f"{self._path}/imports/{id}")
        return self._transport.send(call, structs.ImportView)

    def undo(self, id: UUID) -> structs.ImportView:
        """Retract all that an import recorded.

        Undo an import in the background; what cannot be undone is in `kept`, with the code of why.

        For the access key that imported, or an administrator's. May be repeated.
        """
        call = Call(method="POST", path=f"{self._path}/imports/{id}/undo")
        return self._transport.send(call, structs.ImportView)


class Introductions:
    """The operations under ``/introductions``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        after: str | None = None,
        limit: int | None = None,
        party: UUID | None = None,
    ) -> Pages[structs.IntroductionView, structs.IntroductionPage]:
        """The introductions: all, or those that a party is in.

        List introductions as they stand, by id.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/introductions",
            query={"at_least": at_least, "after": after, "limit": limit, "party": party},
        )
        return Pages(self._transport, call, structs.IntroductionPage)

    def propose(
        self,
        *,
        introducer: UUID,
        first: UUID,
        second: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        why: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The introducer proposes that two parties get to know each other."""
        call = Call(
            method="POST",
            path=f"{self._path}/introductions",
            query={"id": id},
            body=given(by=by, occurred_at=occurred_at, introducer=introducer, first=first, second=second, why=why),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def consent(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """One of the two says yes, privately."""
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/consent",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def decline(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """One of the two says no, privately."""
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/decline",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def make(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        details: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The introducer brings the two together, once both said yes."""
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/make",
            body=given(by=by, occurred_at=occurred_at, details=details),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def record_outcome(
        self,
        id: UUID,
        *,
        outcome: Literal["came_to_nothing", "led_to", "met", "useful"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        led_to: tuple[UUID, ...] = (),
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """One of the two says what became of it; ``led_to`` names favours and promises between them that grew from it."""
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/record-outcome",
            body=given(by=by, occurred_at=occurred_at, outcome=outcome, led_to=led_to, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def retract(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that it had been recorded in error.

        For who recorded its proposal, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/retract",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reinstate(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take a retraction back.

        For who retracted, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/introductions/{id}/reinstate",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def read(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.IntroductionAnswer:
        """One introduction, with its history.

        Read an introduction, as of any moment.

        What a party answered is shown to keys that act for that party by name, and to an administrator's; everyone
        else sees how many have answered and, once both have, whether both said yes.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/introductions/{id}",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.IntroductionAnswer)


class Keys:
    """The operations under ``/keys``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def own(self) -> structs.KeyView:
        """The access key that asks: what it may do, and for whom.

        Read what the key of this very request may do.
        """
        call = Call(method="GET", path=f"{self._path}/keys/own")
        return self._transport.send(call, structs.KeyView)

    def list(self, *, after: str | None = None, limit: int | None = None) -> Pages[structs.KeyView, structs.KeyPage]:
        """All access keys, those no longer in use too.

        List the access keys, by id.
        """
        call = Call(method="GET", path=f"{self._path}/keys", query={"after": after, "limit": limit})
        return Pages(self._transport, call, structs.KeyPage)

    def create(
        self,
        *,
        label: str,
        scopes: tuple[Literal["admin", "audit", "read", "record"], ...],
        parties: tuple[UUID, ...] | None = None,
        expires_at: datetime | None = None,
    ) -> structs.MadeKey:
        """Make an access key; its token is shown this once.

        Make an access key.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/keys",
            body=given(label=label, scopes=scopes, parties=parties, expires_at=expires_at),
        )
        return self._transport.send(call, structs.MadeKey)

    def end_secret(self, key_id: str, number: int) -> structs.KeyView:
        """End a former secret of an access key before its time.

        End a former secret: here at once, in other processes within about a second. May be repeated.
        """
        call = Call(method="DELETE", path=f"{self._path}/keys/{segment(key_id)}/secrets/{number}")
        return self._transport.send(call, structs.KeyView)

    def revoke(self, key_id: str) -> structs.KeyView:
        """End an access key.

        End an access key: here at once, in other processes within about a second. May be repeated.
        """
        call = Call(method="DELETE", path=f"{self._path}/keys/{segment(key_id)}")
        return self._transport.send(call, structs.KeyView)

    def rotate(self, key_id: str, *, overlap_s: int = 86400) -> structs.MadeKey:
        """Give an access key a new secret.

        Give an access key a new secret, whose token is shown this once. It opens at once.

        The key stays the same, to the log too. The secrets that it had open for `overlap_s` more; `last_used_at` of
        each tells whether somebody still uses it.
        """
        call = Call(method="POST", path=f"{self._path}/keys/{segment(key_id)}/rotate", body=given(overlap_s=overlap_s))
        return self._transport.send(call, structs.MadeKey)


class Log:
    """The operations under ``/log``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def checkpoint(self, *, at_least: int | None = None) -> str:
        """The latest signed checkpoint.

        Read what is signed of the tree as it stands: its origin, its size, its root (C2SP tlog-checkpoint).

        Its tiles are beside it, under `log/tile/<level>/<index>` (C2SP tlog-tiles).
        """
        call = Call(
            method="GET", path=f"{self._path}/log/checkpoint", query={"at_least": at_least}, accept="text/plain"
        )
        return self._transport.send(call, str)

    def consistency(self, first: int, second: int, *, at_least: int | None = None) -> structs.ConsistencyProof:
        """That nothing was changed in between.

        Prove that the tree of the first size is the beginning of the one of the second.
        """
        call = Call(
            method="GET", path=f"{self._path}/log/proof/consistency/{first}/{second}", query={"at_least": at_least}
        )
        return self._transport.send(call, structs.ConsistencyProof)

    def cosignatures(self, *, at_least: int | None = None) -> structs.Cosignatures:
        """The latest checkpoint that each witness signed.

        Read what witnesses signed: each saw that the log had gone on from what it had seen before, and when.
        """
        call = Call(method="GET", path=f"{self._path}/log/cosignatures", query={"at_least": at_least})
        return self._transport.send(call, structs.Cosignatures)

    def cosign(self, *, note: str) -> structs.Cosignatures:
        """Hand in a witness's cosignature.

        Have a cosignature kept, for all who read checkpoints. It may be sent again.

        The service has to know the witness (`REQUITE_WITNESSES`), and the checkpoint has to be one that the log has
        or had.
        """
        call = Call(method="POST", path=f"{self._path}/log/cosignatures", body=given(note=note))
        return self._transport.send(call, structs.Cosignatures)

    def inclusion(
        self, position: int, *, at_least: int | None = None, size: int | None = None
    ) -> structs.InclusionProof:
        """That an event is in the log.

        Prove that the event at a position is in the tree. The tree follows the log within seconds.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/log/proof/inclusion/{position}",
            query={"at_least": at_least, "size": size},
        )
        return self._transport.send(call, structs.InclusionProof)

    def keys(self) -> structs.LogKeys:
        """The public keys that sign the ledger's checkpoints.

        Keep them where the service cannot change them: a checkpoint is worth as much as the key it is checked by.
        """
        call = Call(method="GET", path=f"{self._path}/log/public-keys")
        return self._transport.send(call, structs.LogKeys)


class Network:
    """The operations under ``/network``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def bridges(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        at_least: int | None = None,
        kind: Literal["ties", "organisations"] | None = None,
    ) -> Pages[structs.Bridge, structs.BridgePage]:
        """The ties that hold the network, or its organisations, together.

        List bridges by the ids of their two parties: those of the network, or those between organisations.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/network/bridges",
            query={"after": after, "limit": limit, "at_least": at_least, "kind": kind},
        )
        return Pages(self._transport, call, structs.BridgePage)

    def organisations(
        self, *, after: str | None = None, limit: int | None = None, at_least: int | None = None
    ) -> Pages[structs.OrganisationPair, structs.OrganisationPage]:
        """The organisations between which there are ties.

        List pairs of organisations by how many ties there are between those who belong to them, most first.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/network/organisations",
            query={"after": after, "limit": limit, "at_least": at_least},
        )
        return Pages(self._transport, call, structs.OrganisationPage)

    def read(self, *, at_least: int | None = None) -> structs.NetworkAnswer:
        """The network in a few figures.

        Read how many ties there are, how far giving is returned, and how many ties are bridges.

        The figures may lie some seconds behind the ledger: `position` says what they hold for.
        """
        call = Call(method="GET", path=f"{self._path}/network", query={"at_least": at_least})
        return self._transport.send(call, structs.NetworkAnswer)


class Parties:
    """The operations under ``/parties``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        after: str | None = None,
        limit: int | None = None,
        reference: str | None = None,
        name: str | None = None,
    ) -> Pages[structs.PartyView, structs.PartyPage]:
        """The parties, by id; by name, or the one that a partner's system knows.

        List parties with all that is said of them. A party that was merged into another is in that one's `aliases`.

        Looking for a name, a page may hold fewer than `limit`, even none: only `next` tells whether more follow.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties",
            query={"at_least": at_least, "after": after, "limit": limit, "reference": reference, "name": name},
        )
        return Pages(self._transport, call, structs.PartyPage)

    def register(
        self,
        *,
        name: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        kind: Literal["organisation", "person"] = "person",
        note: str | None = None,
        references: tuple[structs.Reference, ...] = (),
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Make a party known to the ledger.

        For a recorder's or an administrator's key.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties",
            query={"id": id},
            body=given(by=by, occurred_at=occurred_at, name=name, kind=kind, note=note, references=references),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def add_reference(
        self,
        id: UUID,
        *,
        reference: structs.Reference,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say under which id a partner's system knows the party.

        For a recorder's or an administrator's key.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/add-reference",
            body=given(by=by, occurred_at=occurred_at, reference=reference),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def rename(
        self,
        id: UUID,
        *,
        name: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Call the party by another name.

        For the party itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/rename",
            body=given(by=by, occurred_at=occurred_at, name=name),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def list_interests(
        self,
        id: UUID,
        *,
        interests: tuple[str, ...],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """List what the party is interested in, in place of what was listed before.

        For itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/list-interests",
            body=given(by=by, occurred_at=occurred_at, interests=interests),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def list_knowledge(
        self,
        id: UUID,
        *,
        knows_about: tuple[str, ...],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """List what the party can be asked about, in place of what was listed before.

        For itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/list-knowledge",
            body=given(by=by, occurred_at=occurred_at, knows_about=knows_about),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def set_findable(
        self,
        id: UUID,
        *,
        findable: bool,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say whether the party agrees to be found as someone who introduces others.

        Nobody is found unless it agreed.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/set-findable",
            body=given(by=by, occurred_at=occurred_at, findable=findable),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def set_reminders(
        self,
        id: UUID,
        *,
        mail: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Have the party reminded by mail, once a day, of what waits for it.

        For itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/set-reminders",
            body=given(by=by, occurred_at=occurred_at, mail=mail),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def clear_reminders(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Have the party reminded by mail no longer.

        For itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/clear-reminders",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def join(
        self,
        id: UUID,
        *,
        organisation: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that the party became a member of an organisation.

        For itself, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/join",
            body=given(by=by, occurred_at=occurred_at, organisation=organisation),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def leave(
        self,
        id: UUID,
        *,
        organisation: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that the party is no member of an organisation any more.

        For either, or a recorder.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/leave",
            body=given(by=by, occurred_at=occurred_at, organisation=organisation),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def merge(
        self,
        id: UUID,
        *,
        into: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that the party is another one, recorded twice: that one stands for both.

        For a recorder or an administrator.

            What was recorded of either counts for both, and what was recorded between them counts nowhere.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/merge",
            body=given(by=by, occurred_at=occurred_at, into=into),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def unmerge(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take a merge back: all is as it would be without it.

        For a recorder's or an administrator's key.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/unmerge",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def erase(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Forget a party for good.

        For an administrator's key, or the party's own.

            All that was ever written about it becomes unreadable, under every id that it was merged with, and
        nobody can take     that back. What was given and promised stays, and so do the others' balances. Keys that
        act for it end.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/erase",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def retract(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that the party had been registered in error.

        For who registered it, or an administrator.

            Only where nothing else stands to its name: everything said of it since then, and every favour, promise,
        contact …     that names it, has to be retracted before. It is erased, since nothing is left to keep it for.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/parties/{id}/retract",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def create_calendar(self, id: UUID) -> structs.CalendarAddress:
        """Give a party's calendar an address; it is shown this once.

        Make a secret address under which calendar programs read a party's open promises. It ends the last one.
        """
        call = Call(method="POST", path=f"{self._path}/parties/{id}/calendar")
        return self._transport.send(call, structs.CalendarAddress)

    def revoke_calendar(self, id: UUID) -> structs.Reminders:
        """End the address of a party's calendar.

        End the address: it answers with 404 from now on. May be repeated.
        """
        call = Call(method="DELETE", path=f"{self._path}/parties/{id}/calendar")
        return self._transport.send(call, structs.Reminders)

    def reminders(self, id: UUID) -> structs.Reminders:
        """How a party is reminded.

        Read where a party gets its mails, and whether its calendar has an address.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}/reminders")
        return self._transport.send(call, structs.Reminders)

    def balance(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.PartyBalance:
        """What a party gave and received in all.

        Read a party's totals per unit and kind, un-netted, as of any moment; what is disputed stands apart.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/balance",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.PartyBalance)

    def members(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[structs.Member, structs.MemberPage]:
        """Who belongs to an organisation.

        List the members of an organisation as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/members",
            query={"at_least": at_least, "as_of": as_of, "clock": clock, "after": after, "limit": limit},
        )
        return Pages(self._transport, call, structs.MemberPage)

    def memberships(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[structs.Membership, structs.MembershipPage]:
        """To which organisations a party belonged when.

        List a party's memberships, past ones too, as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/memberships",
            query={"at_least": at_least, "as_of": as_of, "clock": clock, "after": after, "limit": limit},
        )
        return Pages(self._transport, call, structs.MembershipPage)

    def read(self, id: UUID, *, at_least: int | None = None) -> structs.PartyAnswer:
        """One party.

        Read a party's name, kind and references.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}", query={"at_least": at_least})
        return self._transport.send(call, structs.PartyAnswer)

    def who_knows(
        self, *, about: str, at_least: int | None = None, after: str | None = None, limit: int | None = None
    ) -> Pages[structs.Knower, structs.KnowerPage]:
        """Who knows about something.

        List the parties that said they know about something.

        A page may hold fewer than `limit`, even none: only `next` tells whether more follow.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/who-knows",
            query={"at_least": at_least, "after": after, "limit": limit, "about": about},
        )
        return Pages(self._transport, call, structs.KnowerPage)

    def data(self, id: UUID) -> structs.PartyData:
        """All that the ledger says about a party.

        Read all about a party in one document: for a key that acts for it, or an administrator's.

        It has everything but the events before the latest 5,000, which `party_timeline` has from `earlier` on. As a
        page (`Accept: text/html`, or `format=html`) it can be printed, and needs no other file.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}/data")
        return self._transport.send(call, structs.PartyData)

    def data_html(self, id: UUID) -> str:
        """All that the ledger says about a party.

        Read all about a party in one document: for a key that acts for it, or an administrator's.

        It has everything but the events before the latest 5,000, which `party_timeline` has from `earlier` on. As a
        page (`Accept: text/html`, or `format=html`) it can be printed, and needs no other file.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}/data", accept="text/html")
        return self._transport.send(call, str)

    def attention(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.Attention:
        """What wants a party's attention.

        Read whom to reach out to, who waits for an answer, and which promises come due, as of any moment.

        A key that is bound to parties may ask for its own only.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/attention",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.Attention)

    def ties(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.TieList:
        """How close a party says that others are to it.

        List what a party declared, as of any moment; the others are not told.

        A key that is bound to parties may ask for its own only.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/ties",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.TieList)

    def timeline(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        since: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[structs.TimelineEntry, structs.Timeline]:
        """All that happened to a party, the latest first.

        List the events that name a party, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/timeline",
            query={
                "at_least": at_least,
                "as_of": as_of,
                "clock": clock,
                "since": since,
                "after": after,
                "limit": limit,
            },
        )
        return Pages(self._transport, call, structs.Timeline)

    def introductions(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.IntroducerRecord:
        """What became of the introductions that a party made.

        Read a party's record as an introducer, as of any moment: how many were made, and proved useful.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/introductions",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.IntroducerRecord)

    def trust(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        seen_by: UUID | None = None,
        topic: str | None = None,
    ) -> structs.TrustAnswer:
        """How far a party keeps its promises, and why that is thought.

        Read an opinion of a party's promises as of any moment: by all or as one other sees it, on all or one topic.

        Evidence is only what promisees and assessors said, and promises that were reneged on. Each line names the
        events behind it, and where it can be contested. The figures of `conduct` stand beside it and are in none of
        the others.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/trust",
            query={
                "at_least": at_least,
                "as_of": as_of,
                "clock": clock,
                "after": after,
                "limit": limit,
                "seen_by": seen_by,
                "topic": topic,
            },
        )
        return self._transport.send(call, structs.TrustAnswer)

    def capacity(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.Capacity:
        """What a party has open, and how it did at such a load before.

        Read a party's open promises beside its own record, as of any moment: only promise what you can deliver.

        Such a load is from half as many promises as are open now to twice as many. Nothing is refused by it, other
        than by the policy's `open_promises_limit`.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/parties/{id}/capacity",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.Capacity)

    def path(self, id: UUID, *, knows: str, at_least: int | None = None) -> structs.PathsAnswer:
        """The way to someone who knows about something.

        Read the shortest ways to those who know about something, by way of those who agreed to be found.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}/path", query={"knows": knows, "at_least": at_least})
        return self._transport.send(call, structs.PathsAnswer)

    def network(self, id: UUID, *, at_least: int | None = None) -> structs.PartyNetwork:
        """A party's place in the network.

        Read Burt's constraint and effective size of a party, and its bridges.
        """
        call = Call(method="GET", path=f"{self._path}/parties/{id}/network", query={"at_least": at_least})
        return self._transport.send(call, structs.PartyNetwork)

    def suggested_introductions(self, id: UUID, *, at_least: int | None = None) -> structs.SuggestedIntroductions:
        """The introductions that would serve a party best.

        Read to whom an introduction would raise the party's effective size most, and who could introduce.
        """
        call = Call(
            method="GET", path=f"{self._path}/parties/{id}/introductions/suggested", query={"at_least": at_least}
        )
        return self._transport.send(call, structs.SuggestedIntroductions)


class Promises:
    """The operations under ``/promises``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def list(
        self,
        *,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        standing: Literal[
            "asked",
            "made",
            "open",
            "kept",
            "delivered",
            "requested",
            "offered",
            "countered",
            "lapsed",
            "declined",
            "withdrawn",
            "not_started",
            "in_progress",
            "reported",
            "kept_on_time",
            "kept_late",
            "partly_kept",
            "broken",
            "reneged",
            "released",
            "disputed",
            "unconfirmed",
            "retracted",
        ]
        | None = None,
        overdue: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> Pages[structs.PromiseLine, structs.PromisePage]:
        """The promises as they stand.

        List promises by id, as they stood at any moment. All filters that are given have to hold.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "standing": standing,
                "overdue": overdue,
                "after": after,
                "limit": limit,
                "as_of": as_of,
                "clock": clock,
            },
        )
        return Pages(self._transport, call, structs.PromisePage)

    def make(
        self,
        *,
        promisor: UUID,
        promisee: UUID,
        what: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        assessor: UUID | None = None,
        unit: str | None = None,
        quantity: int = 1,
        due: datetime | None = None,
        topic: str | None = None,
        note: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.PromiseReceipt:
        """Make a promise outright.

        For the promisor, or a recorder on its behalf (then without 'by').
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises",
            query={"id": id},
            body=given(
                by=by,
                occurred_at=occurred_at,
                promisor=promisor,
                promisee=promisee,
                what=what,
                assessor=assessor,
                unit=unit,
                quantity=quantity,
                due=due,
                topic=topic,
                note=note,
            ),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.PromiseReceipt)

    def request(
        self,
        *,
        promisor: UUID,
        promisee: UUID,
        what: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        assessor: UUID | None = None,
        unit: str | None = None,
        quantity: int = 1,
        due: datetime | None = None,
        topic: str | None = None,
        note: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.PromiseReceipt:
        """Ask for a promise.

        For the promisee, who names itself in 'by'.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/request",
            query={"id": id},
            body=given(
                by=by,
                occurred_at=occurred_at,
                promisor=promisor,
                promisee=promisee,
                what=what,
                assessor=assessor,
                unit=unit,
                quantity=quantity,
                due=due,
                topic=topic,
                note=note,
            ),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.PromiseReceipt)

    def offer(
        self,
        *,
        promisor: UUID,
        promisee: UUID,
        what: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        assessor: UUID | None = None,
        unit: str | None = None,
        quantity: int = 1,
        due: datetime | None = None,
        topic: str | None = None,
        note: str | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.PromiseReceipt:
        """Offer a promise, which binds once the promisee agrees.

        For the promisor.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/offer",
            query={"id": id},
            body=given(
                by=by,
                occurred_at=occurred_at,
                promisor=promisor,
                promisee=promisee,
                what=what,
                assessor=assessor,
                unit=unit,
                quantity=quantity,
                due=due,
                topic=topic,
                note=note,
            ),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.PromiseReceipt)

    def counter(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        unit: str | None = None,
        quantity: int | None = None,
        due: datetime | None = None,
        what: str | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Answer a request, an offer or a counter with other terms; what is left out stays as it is."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/counter",
            body=given(by=by, occurred_at=occurred_at, unit=unit, quantity=quantity, due=due, what=what, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def agree(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.PromiseReceipt:
        """Agree to what is asked for, offered or countered, as it stands: from here it is a promise."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/agree",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.PromiseReceipt)

    def decline(
        self,
        id: UUID,
        *,
        reason: Literal["improper", "no_capacity", "not_mine", "other"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Decline a request, an offer or a counter, and say why."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/decline",
            body=given(by=by, occurred_at=occurred_at, reason=reason, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def withdraw(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take back what one asked for, offered or countered."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/withdraw",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def report_progress(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        behind: bool = False,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that work is under way, and whether it is behind."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/report-progress",
            body=given(by=by, occurred_at=occurred_at, behind=behind, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def report_delivery(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        evidence: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisor says that it has delivered."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/report-delivery",
            body=given(by=by, occurred_at=occurred_at, note=note, evidence=evidence),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def take_back_report(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisor takes the report of its delivery back."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/take-back-report",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def accept(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisee accepts the delivery."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/accept",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def accept_in_part(
        self,
        id: UUID,
        *,
        fraction: float,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisee accepts a share of what was promised."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/accept-in-part",
            body=given(by=by, occurred_at=occurred_at, fraction=fraction, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reject(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisee does not accept the delivery."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/reject",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def declare_broken(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisee calls a promise broken whose due date and grace have gone by."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/declare-broken",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def release(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisee frees the promisor."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/release",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def renege(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The promisor says beforehand that it will not keep the promise."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/renege",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def propose_terms(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        unit: str | None = None,
        quantity: int | None = None,
        due: datetime | None = None,
        what: str | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Propose new terms for a promise; what is left out stays as it is."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/propose-terms",
            body=given(by=by, occurred_at=occurred_at, unit=unit, quantity=quantity, due=due, what=what, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def agree_to_terms(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Agree to the new terms that the other proposed."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/agree-to-terms",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def refuse_terms(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Refuse the new terms that the other proposed."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/refuse-terms",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def take_back_terms(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take back the new terms that one proposed."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/take-back-terms",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def ask_for_date(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Ask by when; without an answer, the end of the ledger's window becomes the due date."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/ask-for-date",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def name_date(
        self,
        id: UUID,
        *,
        due: datetime,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say by when, where the promisee asked."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/name-date",
            body=given(by=by, occurred_at=occurred_at, due=due),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def delegate(
        self,
        id: UUID,
        *,
        to: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Hand the promise to another promisor, once that one consents.

        For the promisor.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/delegate",
            body=given(by=by, occurred_at=occurred_at, to=to, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def assign(
        self,
        id: UUID,
        *,
        to: UUID,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Hand the promise to another promisee, once that one consents.

        For the promisee.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/assign",
            body=given(by=by, occurred_at=occurred_at, to=to, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def consent_to_handover(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take the place that one is handed."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/consent-to-handover",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def refuse_handover(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Refuse the place that one is handed."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/refuse-handover",
            body=given(by=by, occurred_at=occurred_at, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def take_back_handover(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Keep the place that one would have handed over."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/take-back-handover",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def dispute(
        self,
        id: UUID,
        *,
        reason: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that how it ended, or that nobody answered, is not so."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/dispute",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def settle(
        self,
        id: UUID,
        *,
        outcome: Literal["broken", "kept", "partly_kept", "released"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        fraction: float | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Name how the dispute may end: it does once both named the same, or the assessor named it."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/settle",
            body=given(by=by, occurred_at=occurred_at, outcome=outcome, fraction=fraction),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def withdraw_dispute(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take back a dispute that one raised."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/withdraw-dispute",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def assess(
        self,
        id: UUID,
        *,
        outcome: Literal["broken", "kept", "partly_kept", "promised"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        in_progress: bool = False,
        fraction: float | None = None,
        note: str | None = None,
        evidence: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """The assessor says how the promise stands: kept, partly kept, broken or still promised."""
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/assess",
            body=given(
                by=by,
                occurred_at=occurred_at,
                outcome=outcome,
                in_progress=in_progress,
                fraction=fraction,
                note=note,
                evidence=evidence,
            ),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reword(
        self,
        id: UUID,
        *,
        what: str,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        note: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Correct the words.

        For who recorded the promise, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/reword",
            body=given(by=by, occurred_at=occurred_at, what=what, note=note),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def retract(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        reason: str | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say that it had been recorded in error.

        For who recorded it, as long as no other party acted; after that for the promisee if it acted, the assessor,
        or an administrator: nobody erases alone what another has spoken on. .
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/retract",
            body=given(by=by, occurred_at=occurred_at, reason=reason),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def reinstate(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take a retraction back.

        For who retracted, or an administrator.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/promises/{id}/reinstate",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def read(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.PromiseAnswer:
        """One promise, with its history.

        Read a promise and everything that was said about it, as of any moment.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/{id}",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.PromiseAnswer)

    def audit(
        self,
        *,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        organisation: str | None = None,
        made_from: datetime | None = None,
        made_to: datetime | None = None,
        unit: str | None = None,
        standing: Literal[
            "asked",
            "made",
            "open",
            "kept",
            "delivered",
            "requested",
            "offered",
            "countered",
            "lapsed",
            "declined",
            "withdrawn",
            "not_started",
            "in_progress",
            "reported",
            "kept_on_time",
            "kept_late",
            "partly_kept",
            "broken",
            "reneged",
            "released",
            "disputed",
            "unconfirmed",
            "retracted",
        ]
        | None = None,
        lateness: Literal["week_early", "days_early", "day_early", "day_late", "days_late", "weeks_late", "months_late"]
        | None = None,
        notice: Literal["none", "day", "days", "weeks", "months"] | None = None,
        notice_share: Literal["none", "quarter", "half", "three_quarters", "whole"] | None = None,
        overdue: bool | None = None,
        behind: bool | None = None,
        dated: bool | None = None,
        came_due: bool | None = None,
        on_time: bool | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        by: Literal["promisor", "promisee", "pair", "organisation", "month", "quarter", "year"] | None = None,
        proof: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> structs.ProvenAudit:
        """Made against delivered.

        Audit promises as of any moment: figures, and the promises behind them, or the figures of groups.

        Each figure carries the address of the lines that it counts. `next` carries the moment along, so that the
        pages of one audit are of one moment; only the first has totals. As a file (`format`, or `Accept`) come all
        lines, or all groups, at once. With `proof` a page of lines can be checked at home, with nothing but SHA-256
        and the log's public key.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/audit",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "organisation": organisation,
                "made_from": made_from,
                "made_to": made_to,
                "unit": unit,
                "standing": standing,
                "lateness": lateness,
                "notice": notice,
                "notice_share": notice_share,
                "overdue": overdue,
                "behind": behind,
                "dated": dated,
                "came_due": came_due,
                "on_time": on_time,
                "as_of": as_of,
                "clock": clock,
                "by": by,
                "proof": proof,
                "after": after,
                "limit": limit,
            },
        )
        return self._transport.send(call, structs.ProvenAudit)

    def audit_csv(
        self,
        *,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        organisation: str | None = None,
        made_from: datetime | None = None,
        made_to: datetime | None = None,
        unit: str | None = None,
        standing: Literal[
            "asked",
            "made",
            "open",
            "kept",
            "delivered",
            "requested",
            "offered",
            "countered",
            "lapsed",
            "declined",
            "withdrawn",
            "not_started",
            "in_progress",
            "reported",
            "kept_on_time",
            "kept_late",
            "partly_kept",
            "broken",
            "reneged",
            "released",
            "disputed",
            "unconfirmed",
            "retracted",
        ]
        | None = None,
        lateness: Literal["week_early", "days_early", "day_early", "day_late", "days_late", "weeks_late", "months_late"]
        | None = None,
        notice: Literal["none", "day", "days", "weeks", "months"] | None = None,
        notice_share: Literal["none", "quarter", "half", "three_quarters", "whole"] | None = None,
        overdue: bool | None = None,
        behind: bool | None = None,
        dated: bool | None = None,
        came_due: bool | None = None,
        on_time: bool | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        by: Literal["promisor", "promisee", "pair", "organisation", "month", "quarter", "year"] | None = None,
        proof: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> str:
        """Made against delivered.

        Audit promises as of any moment: figures, and the promises behind them, or the figures of groups.

        Each figure carries the address of the lines that it counts. `next` carries the moment along, so that the
        pages of one audit are of one moment; only the first has totals. As a file (`format`, or `Accept`) come all
        lines, or all groups, at once. With `proof` a page of lines can be checked at home, with nothing but SHA-256
        and the log's public key.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/audit",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "organisation": organisation,
                "made_from": made_from,
                "made_to": made_to,
                "unit": unit,
                "standing": standing,
                "lateness": lateness,
                "notice": notice,
                "notice_share": notice_share,
                "overdue": overdue,
                "behind": behind,
                "dated": dated,
                "came_due": came_due,
                "on_time": on_time,
                "as_of": as_of,
                "clock": clock,
                "by": by,
                "proof": proof,
                "after": after,
                "limit": limit,
            },
            accept="text/csv",
        )
        return self._transport.send(call, str)

    def audit_xlsx(
        self,
        *,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        organisation: str | None = None,
        made_from: datetime | None = None,
        made_to: datetime | None = None,
        unit: str | None = None,
        standing: Literal[
            "asked",
            "made",
            "open",
            "kept",
            "delivered",
            "requested",
            "offered",
            "countered",
            "lapsed",
            "declined",
            "withdrawn",
            "not_started",
            "in_progress",
            "reported",
            "kept_on_time",
            "kept_late",
            "partly_kept",
            "broken",
            "reneged",
            "released",
            "disputed",
            "unconfirmed",
            "retracted",
        ]
        | None = None,
        lateness: Literal["week_early", "days_early", "day_early", "day_late", "days_late", "weeks_late", "months_late"]
        | None = None,
        notice: Literal["none", "day", "days", "weeks", "months"] | None = None,
        notice_share: Literal["none", "quarter", "half", "three_quarters", "whole"] | None = None,
        overdue: bool | None = None,
        behind: bool | None = None,
        dated: bool | None = None,
        came_due: bool | None = None,
        on_time: bool | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        by: Literal["promisor", "promisee", "pair", "organisation", "month", "quarter", "year"] | None = None,
        proof: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> bytes:
        """Made against delivered.

        Audit promises as of any moment: figures, and the promises behind them, or the figures of groups.

        Each figure carries the address of the lines that it counts. `next` carries the moment along, so that the
        pages of one audit are of one moment; only the first has totals. As a file (`format`, or `Accept`) come all
        lines, or all groups, at once. With `proof` a page of lines can be checked at home, with nothing but SHA-256
        and the log's public key.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/audit",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "organisation": organisation,
                "made_from": made_from,
                "made_to": made_to,
                "unit": unit,
                "standing": standing,
                "lateness": lateness,
                "notice": notice,
                "notice_share": notice_share,
                "overdue": overdue,
                "behind": behind,
                "dated": dated,
                "came_due": came_due,
                "on_time": on_time,
                "as_of": as_of,
                "clock": clock,
                "by": by,
                "proof": proof,
                "after": after,
                "limit": limit,
            },
            accept="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        return self._transport.send(call, bytes)

    def audit_html(
        self,
        *,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        organisation: str | None = None,
        made_from: datetime | None = None,
        made_to: datetime | None = None,
        unit: str | None = None,
        standing: Literal[
            "asked",
            "made",
            "open",
            "kept",
            "delivered",
            "requested",
            "offered",
            "countered",
            "lapsed",
            "declined",
            "withdrawn",
            "not_started",
            "in_progress",
            "reported",
            "kept_on_time",
            "kept_late",
            "partly_kept",
            "broken",
            "reneged",
            "released",
            "disputed",
            "unconfirmed",
            "retracted",
        ]
        | None = None,
        lateness: Literal["week_early", "days_early", "day_early", "day_late", "days_late", "weeks_late", "months_late"]
        | None = None,
        notice: Literal["none", "day", "days", "weeks", "months"] | None = None,
        notice_share: Literal["none", "quarter", "half", "three_quarters", "whole"] | None = None,
        overdue: bool | None = None,
        behind: bool | None = None,
        dated: bool | None = None,
        came_due: bool | None = None,
        on_time: bool | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        by: Literal["promisor", "promisee", "pair", "organisation", "month", "quarter", "year"] | None = None,
        proof: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> str:
        """Made against delivered.

        Audit promises as of any moment: figures, and the promises behind them, or the figures of groups.

        Each figure carries the address of the lines that it counts. `next` carries the moment along, so that the
        pages of one audit are of one moment; only the first has totals. As a file (`format`, or `Accept`) come all
        lines, or all groups, at once. With `proof` a page of lines can be checked at home, with nothing but SHA-256
        and the log's public key.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/audit",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "organisation": organisation,
                "made_from": made_from,
                "made_to": made_to,
                "unit": unit,
                "standing": standing,
                "lateness": lateness,
                "notice": notice,
                "notice_share": notice_share,
                "overdue": overdue,
                "behind": behind,
                "dated": dated,
                "came_due": came_due,
                "on_time": on_time,
                "as_of": as_of,
                "clock": clock,
                "by": by,
                "proof": proof,
                "after": after,
                "limit": limit,
            },
            accept="text/html",
        )
        return self._transport.send(call, str)

    def changes(
        self,
        *,
        from_: str,
        at_least: int | None = None,
        promisor: UUID | None = None,
        promisee: UUID | None = None,
        party: UUID | None = None,
        other: UUID | None = None,
        topic: str | None = None,
        organisation: str | None = None,
        made_from: datetime | None = None,
        made_to: datetime | None = None,
        unit: str | None = None,
        to: str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> structs.AuditChanges:
        """What changed between two moments.

        Compare the audit of two moments: how promises stood at either, and each that moved, with the events
        between.

        Where there is no event beside a promise that moved, time did it (it came overdue, or nobody answered), or
        the policy, or a merge of parties. Only the first page has the figures.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/promises/audit/changes",
            query={
                "at_least": at_least,
                "promisor": promisor,
                "promisee": promisee,
                "party": party,
                "other": other,
                "topic": topic,
                "organisation": organisation,
                "made_from": made_from,
                "made_to": made_to,
                "unit": unit,
                "from": from_,
                "to": to,
                "clock": clock,
                "after": after,
                "limit": limit,
            },
        )
        return self._transport.send(call, structs.AuditChanges)


class Relationships:
    """The operations under ``/relationships``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def common_ground(
        self, a: UUID, b: UUID, *, at_least: int | None = None, after: str | None = None, limit: int | None = None
    ) -> structs.CommonGround:
        """What two parties have in common.

        Read what two parties share: interests, knowledge, organisations, and the parties both gave or received
        from.

        `a_can_tell_b` is what `a` knows about and `b` is interested in. Only `relations` comes in pages.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/relationships/{a}/{b}/common-ground",
            query={"at_least": at_least, "after": after, "limit": limit},
        )
        return self._transport.send(call, structs.CommonGround)

    def imbalances(
        self,
        *,
        at_least: int | None = None,
        after: str | None = None,
        limit: int | None = None,
        party: UUID | None = None,
        unit: str | None = None,
    ) -> Pages[structs.Relationship, structs.RelationshipPage]:
        """The relationships by the size of their net.

        List relationships as they are now, those furthest out of balance in one unit first.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/relationships/imbalances",
            query={"at_least": at_least, "after": after, "limit": limit, "party": party, "unit": unit},
        )
        return Pages(self._transport, call, structs.RelationshipPage)

    def list(
        self,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        party: UUID | None = None,
    ) -> Pages[structs.Relationship, structs.RelationshipPage]:
        """The relationships, all or of one party.

        List the relationships in which there ever was a balance, as of any moment.

        Of one party: that party is `a`. Of all: `a` < `b`. A page about the past may hold fewer than `limit`.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/relationships",
            query={
                "at_least": at_least,
                "as_of": as_of,
                "clock": clock,
                "after": after,
                "limit": limit,
                "party": party,
            },
        )
        return Pages(self._transport, call, structs.RelationshipPage)

    def read(
        self,
        a: UUID,
        b: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.RelationshipAnswer:
        """What two parties gave each other.

        Read both directions between two parties, per unit and kind, as of any moment.

        `given` went from `a` to `b`, `received` the other way. Zeros where nothing was given.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/relationships/{a}/{b}",
            query={"at_least": at_least, "as_of": as_of, "clock": clock},
        )
        return self._transport.send(call, structs.RelationshipAnswer)

    def timeline(
        self,
        a: UUID,
        b: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
        since: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[structs.TimelineEntry, structs.Timeline]:
        """All that happened between two parties, the latest first.

        List the events that name both parties, with what people wrote, as of any moment.

        A page may hold fewer than `limit`: go on until `next` is null.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/relationships/{a}/{b}/timeline",
            query={
                "at_least": at_least,
                "as_of": as_of,
                "clock": clock,
                "since": since,
                "after": after,
                "limit": limit,
            },
        )
        return Pages(self._transport, call, structs.Timeline)


class Ties:
    """The operations under ``/ties``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def declare(
        self,
        *,
        party: UUID,
        other: UUID,
        closeness: Literal["close", "dormant", "good", "loose"],
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Say how close another party is to one's own.

        Said again, it replaces what was said before.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/ties",
            query={"id": id},
            body=given(by=by, occurred_at=occurred_at, party=party, other=other, closeness=closeness),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def undeclare(
        self,
        id: UUID,
        *,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Take back what one said of a tie's closeness."""
        call = Call(
            method="POST",
            path=f"{self._path}/ties/{id}/undeclare",
            body=given(by=by, occurred_at=occurred_at),
            if_match=if_match,
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)

    def read(
        self,
        id: UUID,
        *,
        at_least: int | None = None,
        as_of: datetime | int | str | None = None,
        clock: Literal["recorded", "occurred"] | None = None,
    ) -> structs.TieAnswer:
        """One tie, with its history.

        Read how close a party says that another is to it, as of any moment.
        """
        call = Call(
            method="GET", path=f"{self._path}/ties/{id}", query={"at_least": at_least, "as_of": as_of, "clock": clock}
        )
        return self._transport.send(call, structs.TieAnswer)


class Webhooks:
    """The operations under ``/webhooks``."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"

    def read(self, webhook_id: UUID) -> structs.WebhookView:
        """A webhook, and how it fares.

        Read a webhook.
        """
        call = Call(method="GET", path=f"{self._path}/webhooks/{webhook_id}")
        return self._transport.send(call, structs.WebhookView)

    def remove(self, webhook_id: UUID) -> structs.WebhookView:
        """Remove a webhook.

        Remove a webhook, its secret and its deliveries; answers what it was.
        """
        call = Call(method="DELETE", path=f"{self._path}/webhooks/{webhook_id}")
        return self._transport.send(call, structs.WebhookView)

    def change(
        self,
        webhook_id: UUID,
        *,
        url: str | None = None,
        topics: tuple[str, ...] | None = None,
        payload: Literal["full", "thin"] | None = None,
        enabled: bool | None = None,
    ) -> structs.WebhookView:
        """Change, disable or enable a webhook.

        Change what is given. One that is enabled again goes on where it was left: nothing was lost meanwhile.
        """
        call = Call(
            method="PATCH",
            path=f"{self._path}/webhooks/{webhook_id}",
            body=given(url=url, topics=topics, payload=payload, enabled=enabled),
        )
        return self._transport.send(call, structs.WebhookView)

    def list(self) -> structs.WebhookList:
        """All webhooks of the ledger.

        List the webhooks, those that are disabled too.
        """
        call = Call(method="GET", path=f"{self._path}/webhooks")
        return self._transport.send(call, structs.WebhookList)

    def create(
        self,
        *,
        url: str,
        topics: tuple[str, ...] | None = None,
        payload: Literal["full", "thin"] = "thin",
        signing: Literal["ed25519", "hmac"] = "hmac",
        after: int | None = None,
    ) -> structs.MadeWebhook:
        """Have an endpoint told of events; its secret is shown this once.

        Each event is sent at least once, in the order of its stream, signed by the rules of Standard Webhooks.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/webhooks",
            body=given(url=url, topics=topics, payload=payload, signing=signing, after=after),
        )
        return self._transport.send(call, structs.MadeWebhook)

    def deliveries(
        self,
        webhook_id: UUID,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: Literal["waiting", "dead"] | None = None,
    ) -> Pages[structs.Delivery, structs.DeliveryPage]:
        """What was sent, and what came of it.

        List deliveries, the latest first: each attempt's time, status and latency, kept for 30 days.
        """
        call = Call(
            method="GET",
            path=f"{self._path}/webhooks/{webhook_id}/deliveries",
            query={"after": after, "limit": limit, "state": state},
        )
        return Pages(self._transport, call, structs.DeliveryPage)

    def replay(self, webhook_id: UUID, *, first: int, last: int | None = None) -> structs.ReplayBegun:
        """Send events again.

        Send events again under the ids that they had: those that were given up, or that the receiver lost.
        """
        call = Call(
            method="POST", path=f"{self._path}/webhooks/{webhook_id}/replay", body=given(first=first, last=last)
        )
        return self._transport.send(call, structs.ReplayBegun)

    def rotate(self, webhook_id: UUID, *, overlap_hours: int = 24) -> structs.MadeWebhook:
        """Replace a webhook's secret.

        Make a new secret, shown this once. Both sign until the overlap is over; a third ends at once.
        """
        call = Call(
            method="POST", path=f"{self._path}/webhooks/{webhook_id}/rotate", body=given(overlap_hours=overlap_hours)
        )
        return self._transport.send(call, structs.MadeWebhook)

    def test(self, webhook_id: UUID) -> structs.TestAnswer:
        """Send a webhook a ping.

        Send a message of the type `ping` now, whether or not the webhook is enabled, and tell what came of it.
        """
        call = Call(method="POST", path=f"{self._path}/webhooks/{webhook_id}/test")
        return self._transport.send(call, structs.TestAnswer)


class Health:
    """The operations under ``/health``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def live(self) -> structs.Health:
        """The process lives.

        Answers as long as the process can answer at all.
        """
        call = Call(method="GET", path="/health/live")
        return self._transport.send(call, structs.Health)

    def ready(self) -> structs.Health:
        """The database answers.

        Answers ok while the database answers within some seconds, and the process is not about to stop.
        """
        call = Call(method="GET", path="/health/ready")
        return self._transport.send(call, structs.Health)


class Ledger:
    """A ledger."""

    def __init__(self, transport: Transport, ledger: str) -> None:
        self._transport = transport
        self._path = f"/v1/ledgers/{segment(ledger)}"
        self.contacts = Contacts(transport, ledger)
        self.events = Events(transport, ledger)
        self.favours = Favours(transport, ledger)
        self.gifts = Gifts(transport, ledger)
        self.imports = Imports(transport, ledger)
        self.introductions = Introductions(transport, ledger)
        self.keys = Keys(transport, ledger)
        self.log = Log(transport, ledger)
        self.network = Network(transport, ledger)
        self.parties = Parties(transport, ledger)
        self.promises = Promises(transport, ledger)
        self.relationships = Relationships(transport, ledger)
        self.ties = Ties(transport, ledger)
        self.webhooks = Webhooks(transport, ledger)

    def read(self) -> structs.LedgerView:
        """The ledger: its policy, its units, and the position of its last event.

        The ledger as of its last event.
        """
        call = Call(method="GET", path=self._path)
        return self._transport.send(call, structs.LedgerView)

    def batch(
        self, *, commands: tuple[structs.BatchCommand, ...], atomic: bool = False, idempotency_key: str | None = None
    ) -> structs.BatchAnswer:
        """Record up to 1,000 commands in one commit.

        Record many commands; each gets its receipt or its problem, and one that is refused stands in no other's
        way.

        With `atomic` none is recorded where one is refused: the others get the problem `batch_not_recorded`. A
        command sees what those before it led to. The `Idempotency-Key` is for the request: each command's follows
        from it and from its place. Receipts come without advice.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/batch",
            body=given(commands=commands, atomic=atomic),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.BatchAnswer)

    def change_policy(
        self,
        *,
        policy: structs.Policy,
        by: UUID | None = None,
        occurred_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> structs.Receipt:
        """Replace the ledger's policy.

        For an administrator's key. A unit that is in use may not be taken away.
        """
        call = Call(
            method="POST",
            path=f"{self._path}/policy",
            body=given(by=by, occurred_at=occurred_at, policy=policy),
            takes_key=True,
            idempotency_key=idempotency_key,
        )
        return self._transport.send(call, structs.Receipt)


class Outside:
    """What belongs to no ledger."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.health = Health(transport)
