"""What Lambda's event sources do, in threads: the send queue is read, the schedules tick."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalice.local import LambdaContext

from infra.local.settings import REGION

Event = Mapping[str, Any]
Handler = Callable[[Event, LambdaContext], Any]
BATCH = 10
IDLE_PAUSE = 0.2  # seconds between looks at an empty queue
log = logging.getLogger("aftercall.local")


def context(name: str) -> LambdaContext:
    return LambdaContext(function_name=name, memory_size=256, max_runtime_ms=60_000)


class QueueReader:
    """Gives the queue's messages to the handler in batches, and deletes those the handler does not name as failed."""

    def __init__(self, sqs: Any, queue_url: str, handler: Handler) -> None:
        self._sqs = sqs
        self._url = queue_url
        self._handler = handler
        self._turn = threading.Lock()

    def read_once(self) -> int:
        """Handle one batch of what is ready; how many messages it was."""
        with self._turn:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=0,  # a long poll would hold a message nobody waits for while `tick` drains the queue
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if messages:
                self._handle(messages)
        return len(messages)

    def drain(self) -> int:
        """Handle everything that is ready now; how many messages it was."""
        total = 0
        while batch := self.read_once():
            total += batch
        return total

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                idle = self.read_once() == 0
            except Exception:  # the thread must outlive whatever one batch runs into; the queue redelivers
                log.exception("the send queue could not be handled; going on")
                idle = True
            if idle:
                stop.wait(IDLE_PAUSE)

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        answer = self._handler({"Records": [record(message) for message in messages]}, context("send")) or {}
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(done)]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)


def record(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as Lambda gets it from SQS."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            key: attribute(value) for key, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:aftercall-send",
        "awsRegion": REGION,
    }


def attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """`StringValue` of the API is `stringValue` in the event."""
    return {key[0].lower() + key[1:]: part for key, part in value.items()}


def tick_every(
    seconds: float, name: str, handler: Handler, now: Callable[[], datetime], stop: threading.Event
) -> None:
    """Call a schedule's handler until told to stop. What it raises is logged, once per run of the same error."""
    last = ""
    while not stop.wait(seconds):
        try:
            handler(scheduled(name, now()), context(name))
            last = ""
        except Exception as error:  # a schedule goes on after a failed run, as EventBridge's does
            if repr(error) != last:
                log.exception("%s failed; it is tried again every %g s", name, seconds)
            last = repr(error)


def scheduled(name: str, at: datetime) -> dict[str, Any]:
    """EventBridge's event for a schedule."""
    return {
        "version": "0",
        "id": f"local-{name}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/{name}"],
        "detail": {},
    }
