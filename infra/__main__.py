"""`python -m infra COMMAND STAGE`: everything ops does. `python -m infra COMMAND --help` tells more of each."""

import ast
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
COMMANDS = (
    "deploy", "doctor", "golive", "handover", "cost", "export", "erase", "redrive", "rotate", "backup", "restore",
    "escrow", "import", "destroy",
)  # fmt: skip


def there() -> dict[str, str]:
    """Each command and what it does: the first line of its module, read without importing it."""
    files = {name: HERE / f"{name}.py" for name in COMMANDS if (HERE / f"{name}.py").exists()}
    return {name: said(file) for name, file in files.items()}


def said(file: Path) -> str:
    line = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]
    return line.partition("`: ")[2] or line


def main(arguments: Sequence[str]) -> int:
    commands = there()
    if arguments and arguments[0] in commands:
        return int(import_module(f"infra.{arguments[0]}").main(arguments[1:]))
    helped = bool(arguments) and arguments[0] in ("-h", "--help")
    lines = [f"  {name:<9} {does}" for name, does in commands.items()]
    print("\n".join([__doc__ or "", *lines]), file=sys.stdout if helped else sys.stderr)
    return 0 if helped else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
