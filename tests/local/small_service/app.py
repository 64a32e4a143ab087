"""A service of the same shape as ours, small enough to show what the local machine does with it."""

import json
import os

import boto3
from chalice import Chalice, Rate, Response
from chalice.app import CloudWatchEvent, SQSEvent

app = Chalice(app_name="small")
sweeps: list[str] = []
if "SMALL_SERVICE_BREAKS" in os.environ:
    raise RuntimeError(os.environ["SMALL_SERVICE_BREAKS"])


def key(name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": name}, "sk": {"S": "n"}}


@app.route("/health")
def health() -> dict[str, bool]:
    return {"ok": True}


@app.route("/body", methods=["POST"], content_types=["text/plain"])
def body() -> Response:
    text = app.current_request.raw_body.decode()
    return Response(text, headers={"Content-Type": "text/plain"})


@app.route("/broken")
def broken() -> None:
    raise ValueError("nobody expected this")


@app.route("/own-problem")
def own_problem() -> Response:
    return Response({"detail": "ours"}, headers={"Content-Type": "application/problem+json"}, status_code=409)


@app.route("/cookies")
def cookies() -> Response:
    return Response("", headers={"Set-Cookie": ["a=1", "b=2"]}, status_code=204)


@app.route("/count", methods=["POST"])
def count() -> Response:
    """Ask for one more, through the queue."""
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEND_QUEUE_URL"], MessageBody="one more")
    return Response({}, status_code=202)


@app.route("/count")
def counted() -> dict[str, int]:
    found = boto3.client("dynamodb").get_item(
        TableName=os.environ["TABLE"], Key=key("count"), ConsistentRead=True
    )
    return {"count": int(found.get("Item", {}).get("count", {"N": "0"})["N"]), "sweeps": len(sweeps)}


@app.on_sqs_message(queue_arn="arn:aws:sqs:eu-north-1:000000000000:aftercall-send")
def send(event: SQSEvent) -> dict[str, list[dict[str, str]]]:
    for _ in event:
        boto3.client("dynamodb").update_item(
            TableName=os.environ["TABLE"],
            Key=key("count"),
            UpdateExpression="ADD #count :one",
            ExpressionAttributeNames={"#count": "count"},
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    return {"batchItemFailures": []}


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> None:
    sweeps.append(json.dumps(event.to_dict()))
    if len(sweeps) == 1:
        raise ValueError("the first one fails")


@app.schedule(Rate(5, unit=Rate.MINUTES))
def refresh(event: CloudWatchEvent) -> None:
    """Nothing to do."""
