"""A container's first answer: the whole service imported and put together, beside a handler that only has boto3."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.paired import Figure, in_turn
from tests.in_process import ENV, SECRETS

ROOT = Path(__file__).parent.parent
ROUNDS, MOST = 15, 1.35
BARE = """
import json, os, boto3
table, queue = boto3.client("dynamodb"), boto3.client("sqs")
def handler(event, context):
    return {"statusCode": 401, "body": json.dumps({})}
assert handler({}, None)["statusCode"] == 401
"""
OURS = """
import json, sys
import app
from chalicelib.wiring import service
assert service() and app.app(json.loads(sys.argv[1]), None)["statusCode"] == 401
"""


def figures() -> Iterator[Figure]:
    event = request("GET", "/api/rates")
    ours, bare, ratio = in_turn(lambda: python(OURS, event), lambda: python(BARE, event), ROUNDS)
    yield Figure("cold start", f"{ours * 1000:.0f} ms", f"bare boto3 {bare * 1000:.0f} ms", ratio, MOST)


def python(code: str, event: str) -> None:
    region = {"AWS_DEFAULT_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    env = {"PATH": os.environ["PATH"], **region, **ENV, **SECRETS, "TABLE": "none"}
    subprocess.run([sys.executable, "-c", code, event], cwd=ROOT, env=env, check=True)


def request(method: str, path: str) -> str:
    """An API Gateway event, as JSON, without a token."""
    import json

    context = {
        "httpMethod": method,
        "resourcePath": path,
        "identity": {"sourceIp": "192.0.2.1"},
        "path": path,
    }
    return json.dumps(
        {"requestContext": context, "headers": {}, "multiValueHeaders": {}, "body": None, "path": path,
         "pathParameters": None, "multiValueQueryStringParameters": None, "stageVariables": None,
         "isBase64Encoded": False}
    )  # fmt: skip
