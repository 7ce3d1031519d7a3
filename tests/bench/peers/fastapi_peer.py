# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.115", "sqlalchemy[asyncio]>=2.0", "asyncpg>=0.30", "uvicorn[standard]>=0.34"]
# ///
"""The same two operations as most would write them: FastAPI, SQLAlchemy's ORM on asyncpg, one transaction a request.

It knows no keys, no idempotency, no rules and seals nothing. ``uv run --script`` installs what it needs.
"""

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "peer_event"
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    payload: Mapped[dict] = mapped_column(JSONB)


class Balance(Base):
    __tablename__ = "peer_balance"
    giver: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    receiver: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)


class Favour(BaseModel):
    giver: uuid.UUID
    receiver: uuid.UUID
    what: str
    quantity: int = 1


class Recorded(BaseModel):
    id: uuid.UUID


class Given(BaseModel):
    given: int
    received: int


engine = create_async_engine(sys.argv[2], pool_size=20, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def prepare(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=prepare)


@app.post("/favours", status_code=201)
async def record(favour: Favour) -> Recorded:
    event = Event(id=uuid.uuid4(), recorded_at=datetime.now(UTC), payload=favour.model_dump(mode="json"))
    row = insert(Balance).values(giver=favour.giver, receiver=favour.receiver, quantity=favour.quantity)
    merge = row.on_conflict_do_update(
        index_elements=["giver", "receiver"], set_={"quantity": Balance.quantity + row.excluded.quantity}
    )
    async with sessions.begin() as session:
        session.add(event)
        await session.execute(merge)
    return Recorded(id=event.id)


@app.get("/balances/{a}/{b}")
async def read(a: uuid.UUID, b: uuid.UUID) -> Given:
    async with sessions() as session:
        wanted = select(Balance).where(Balance.giver.in_([a, b]), Balance.receiver.in_([a, b]))
        rows = (await session.scalars(wanted)).all()
    return Given(
        given=sum(one.quantity for one in rows if one.giver == a),
        received=sum(one.quantity for one in rows if one.giver == b),
    )


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
