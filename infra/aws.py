"""AWS as the ops commands see it: one stage's account and region, its clients, and what its stacks tell.

    cloud = connect(Stage.read("prod"))
    cloud.client("dynamodb").describe_table(TableName=cloud.outputs(cloud.records)["Table"])

The embedded stage's endpoint is its engine's; `AWS_ENDPOINT_URL` sends any other stage to an engine, too.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra import embedded
from infra.command import OpsError
from infra.local.settings import AWS
from infra.stage import Stage

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 5}, s3={"addressing_style": "path"})
TAG = "aftercall"  # on everything of a stage, with its name


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a stage is."""

    stage: Stage
    session: boto3.Session
    endpoint: str | None  # None: AWS itself
    account: str

    @property
    def service(self) -> str:
        """The stack that can go and come back."""
        return f"aftercall-{self.stage.name}"

    @property
    def records(self) -> str:
        """The stack that stays."""
        return f"aftercall-{self.stage.name}-records"

    @property
    def bucket(self) -> str:
        return f"aftercall-{self.stage.name}-{self.account}-{self.stage.region}"

    @property
    def tags(self) -> list[dict[str, str]]:
        return [{"Key": TAG, "Value": self.stage.name}]

    def path(self, name: str = "") -> str:
        """Of a value in Parameter Store."""
        return f"/aftercall/{self.stage.name}/{name}"

    def client(self, service: str) -> Any:
        return _client(self.session, service, self.endpoint)

    def tables(self) -> list[str]:
        pages = self.client("dynamodb").get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"]]

    def stack(self, name: str) -> dict[str, Any] | None:
        """What CloudFormation knows of the stack; None when there is none."""
        try:
            found: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return found

    def outputs(self, name: str) -> dict[str, str]:
        """The stack's outputs; OpsError when the stage is not deployed."""
        stack = self.stack(name)
        if stack is None:
            raise OpsError(f"{self.stage.name} is not deployed: python -m infra.deploy {self.stage.name}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}

    def public_url(self) -> str:
        """What callers' and carriers' addresses begin with, and signatures cover."""
        outputs = self.outputs(self.service)
        own = self.stage.setting("options", "public_url", "")
        if self.endpoint and not own:
            return f"{self.endpoint}/restapis/{outputs['RestApi']}/v1/_user_request_"
        return outputs["Address"]


@cache
def _client(session: boto3.Session, service: str, endpoint: str | None) -> Any:
    make: Any = session.client  # its types know literal names only
    return make(service, endpoint_url=endpoint, config=PATIENT)


def connect(stage: Stage) -> Cloud:
    """The stage's account, checked; OpsError when it is another than the stage's file says, or not up."""
    if stage.embedded:
        found = embedded.endpoint()
        if found is None:
            raise OpsError(f"the stage {stage.name} is not up: python -m infra.deploy {stage.name}")
        return embedded_cloud(stage, found)
    session = boto3.Session(profile_name=stage.profile, region_name=stage.region)
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or None
    account = str(_client(session, "sts", endpoint).get_caller_identity()["Account"])
    if stage.account and account != stage.account:
        raise OpsError(f"these credentials are of account {account}; {stage.name} belongs in {stage.account}")
    return Cloud(stage, session, endpoint, account)


def embedded_cloud(stage: Stage, endpoint: str) -> Cloud:
    """The embedded engine, out of reach of a developer's own AWS account."""
    session = boto3.Session(AWS["AWS_ACCESS_KEY_ID"], AWS["AWS_SECRET_ACCESS_KEY"], region_name=stage.region)
    account = str(_client(session, "sts", endpoint).get_caller_identity()["Account"])
    return Cloud(stage, session, endpoint, account)
