"""Which ports are free, and who has those that are not."""

import re
import socket
import subprocess
from pathlib import Path


def free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free(wanted: int | None = None) -> int:
    """`wanted` if it is free, else one the system picks."""
    if wanted and free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> bool:
    """Whether something answers there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def holder(port: int) -> str:
    """ "python (pid 4711)", or "another program" where the system does not tell."""
    return from_proc(port) or from_lsof(port) or "another program"


def from_proc(port: int) -> str | None:
    """Linux: the listening socket's inode, then the process that has it open."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            rows = [row.split() for row in table.read_text(encoding="ascii").splitlines()[1:]]
            inodes |= {
                row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port
            }
    for link in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        try:
            target = str(link.readlink())
            if target.startswith("socket:[") and target[8:-1] in inodes:
                pid = link.parts[2]
                return f"{Path('/proc', pid, 'comm').read_text(encoding='utf-8').strip()} (pid {pid})"
        except OSError:
            continue  # not ours to look into, or gone meanwhile
    return None


def from_lsof(port: int) -> str | None:
    """macOS and others."""
    try:
        shown = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    found = re.search(r"^p(\d+)\nc(.+)$", shown.stdout, re.MULTILINE)
    return f"{found[2]} (pid {found[1]})" if found else None
