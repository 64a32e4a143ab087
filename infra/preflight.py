"""What is looked at before anything is deployed: the templates, and what an AWS account must allow."""

import subprocess
import sys
from pathlib import Path

from infra.aws import Cloud
from infra.command import FAILED, OpsError
from infra.package import Package

RESERVED, LEFT = 2, 100  # concurrent executions: those of sweep and refresh; those AWS keeps unreserved


def lint(package: Package) -> None:
    """cfn-lint on both templates; OpsError with its findings."""
    linter = Path(sys.prefix, "bin", "cfn-lint")
    if not linter.exists():
        raise OpsError("cfn-lint is not installed: make setup-deploy")
    ran = subprocess.run(
        [str(linter), "--regions", "eu-north-1", "--", str(package.service), str(package.records)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise OpsError(f"cfn-lint has findings:\n{ran.stdout}{ran.stderr}", FAILED)


def account(cloud: Cloud) -> None:
    """A new AWS account allows ten executions at once, too few to reserve any: say so before half a stack is made."""
    limits = cloud.client("lambda").get_account_settings()["AccountLimit"]
    if limits["UnreservedConcurrentExecutions"] < LEFT + RESERVED:
        raise OpsError(
            f"this account allows {limits['ConcurrentExecutions']} Lambda executions at once; ask AWS for 1000"
            " (Service Quotas → AWS Lambda → Concurrent executions), then deploy again"
        )
