"""The stage's bucket: every version that was deployed, so that a bad one can be taken back.

<sha256>.zip            a package
<sha256>.json           a template
versions/<id>.json      {"template": "….json", "parameters": {…}}: one deployment, whole
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Cloud


@dataclass(frozen=True, slots=True)
class Version:
    """One deployment: a template and what it was given; the package's name is one of its parameters."""

    template: str
    parameters: Mapping[str, str]

    @property
    def id(self) -> str:
        return hashlib.sha256(self.document().encode()).hexdigest()[:12]

    def document(self) -> str:
        return json.dumps({"template": self.template, "parameters": dict(self.parameters)}, sort_keys=True)


def make(cloud: Cloud) -> None:
    """The bucket, private and encrypted, unless it is there."""
    client, name = cloud.client("s3"), cloud.bucket
    if not there(cloud):
        where = {} if cloud.stage.region == "us-east-1" else {"LocationConstraint": cloud.stage.region}
        client.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": cloud.tags})


def there(cloud: Cloud) -> bool:
    try:
        cloud.client("s3").head_bucket(Bucket=cloud.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        return False
    return True


def put(cloud: Cloud, path: Path) -> str:
    """The file's name in the bucket, sent unless it is there."""
    content = path.read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
    client = cloud.client("s3")
    try:
        client.head_object(Bucket=cloud.bucket, Key=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        client.put_object(Bucket=cloud.bucket, Key=name, Body=content)
    return name


def address(cloud: Cloud, name: str) -> str:
    """Where CloudFormation reads a template from."""
    host = cloud.endpoint or f"https://s3.{cloud.stage.region}.amazonaws.com"
    return f"{host}/{cloud.bucket}/{name}"


def keep(cloud: Cloud, version: Version) -> None:
    key = f"versions/{version.id}.json"
    cloud.client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=version.document().encode())


def kept(cloud: Cloud, id: str) -> Version | None:
    """A version deployed before; None when the bucket does not know it."""
    client = cloud.client("s3")
    try:
        found = client.get_object(Bucket=cloud.bucket, Key=f"versions/{id}.json")
    except client.exceptions.NoSuchKey:
        return None
    document: dict[str, Any] = json.loads(found["Body"].read())
    return Version(document["template"], document["parameters"])


def remove(cloud: Cloud) -> None:
    """The bucket with all that is in it."""
    client = cloud.client("s3")
    if not there(cloud):
        return
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=cloud.bucket):
        for each in page.get("Contents", ()):
            client.delete_object(Bucket=cloud.bucket, Key=each["Key"])
    client.delete_bucket(Bucket=cloud.bucket)
