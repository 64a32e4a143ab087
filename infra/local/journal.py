"""The embedded engine, made durable: `python infra/local/journal.py FOLDER PORT`, with the engine's own Python.

The engine keeps everything in memory and writes it down on a clean stop only. So every table write that succeeded is
in a journal before its answer leaves, and the journal is played back at the next start: a killed engine has lost
nothing it acknowledged. (Queues come back as at the last clean stop: the service queues again what is to be sent.)

FOLDER/current   the generation in force, a number N
FOLDER/N/        the engine's own snapshot, and `journal`: what was written since, a JSON object per line
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Engine = Callable[[Message, Receive, Send], Awaitable[None]]

TABLES = "DynamoDB_20120810."
READS = ("Get", "Query", "Scan", "BatchGet", "TransactGet", "Describe", "List")


class Generations:
    """The folder's numbered states, of which exactly one is in force."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        pointer = folder / "current"
        self.number = int(pointer.read_text(encoding="ascii")) if pointer.exists() else 0
        self.path.mkdir(parents=True, exist_ok=True)

    @property
    def path(self) -> Path:
        return self._folder / str(self.number)

    def following(self) -> Path:
        """An empty folder for the next state."""
        path = self._folder / str(self.number + 1)
        shutil.rmtree(path, ignore_errors=True)  # of a stop that was interrupted
        path.mkdir()
        return path

    def advance(self) -> None:
        """Put the next state in force, in one step, and forget the old one; not if a snapshot is missing."""
        old = self.path
        snapshots = {path.name for path in old.glob("*.json")}
        following = self._folder / str(self.number + 1)
        if not (following / "dynamodb.json").exists() or snapshots - {
            path.name for path in following.glob("*.json")
        }:
            return
        draft = self._folder / "current.new"
        draft.write_text(str(self.number + 1), encoding="ascii")
        draft.replace(self._folder / "current")
        self.number += 1
        shutil.rmtree(old)


class Journalled:
    """The engine's ASGI application, with each table write journalled between its success and its answer."""

    def __init__(self, engine: Engine, generations: Generations, save_to: Callable[[Path], None]) -> None:
        self._engine = engine
        self._generations = generations
        self._save_to = save_to
        self._path = generations.path / "journal"
        self._turn = (
            asyncio.Lock()
        )  # writes go one by one, so that the journal has them in the order they happened

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http" and is_write(scope):
            await self._write(scope, await whole_body(receive), send)
        else:
            await self._engine(scope, receive, send)

    async def _write(self, scope: Message, body: bytes, send: Send) -> None:
        async with self._turn:
            answer = await self._ask(scope, body)
            if answer[0]["status"] == 200:
                wanted = (
                    b"x-amz-target",
                    b"authorization",
                )  # what was asked, and of which account and region
                headers = [[key.decode(), value.decode()] for key, value in scope["headers"] if key in wanted]
                with self._path.open("a", encoding="utf-8") as journal:
                    journal.write(json.dumps([headers, body.decode()]) + "\n")
        for message in answer:
            await send(message)

    async def _ask(self, scope: Message, body: bytes) -> list[Message]:
        answer: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def collect(message: Message) -> None:
            answer.append(message)

        await self._engine(scope, receive, collect)
        return answer

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._save_to(self._generations.following())
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._play_back()
            if message["type"] == "lifespan.shutdown.complete":
                self._generations.advance()
            await send(message)

        await self._engine(scope, received, sent)

    async def _play_back(self) -> None:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                headers, body = json.loads(line)
            except ValueError:
                continue  # cut short by the kill: it was never acknowledged
            answer = await self._ask(request(headers), body.encode())
            if answer[0]["status"] != 200:
                print(f"journal: not accepted again: {line[:200]}", file=sys.stderr)


def is_write(scope: Message) -> bool:
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
    return target.startswith(TABLES) and not target.removeprefix(TABLES).startswith(READS)


async def whole_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def request(headers: list[list[str]]) -> Message:
    """The ASGI scope of a journalled request."""
    sent = [(b"content-type", b"application/x-amz-json-1.0"), *((k.encode(), v.encode()) for k, v in headers)]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "", "headers": sent,
        "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
    }  # fmt: skip


def main(folder: Path, port: int) -> None:
    generations = Generations(folder)
    os.environ["STATE_DIR"] = str(generations.path)  # read by the engine as it is imported, so it comes after
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.core import persistence

    def save_to(path: Path) -> None:
        persistence.STATE_DIR = str(path)

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    asyncio.run(serve(Journalled(app, generations, save_to), config))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
