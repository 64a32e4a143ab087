"""What `/start` asks of the service: who is there, and a cookie."""


class Door:
    def cookie(self, name: str) -> str:
        return f"visitor={name}"


def door() -> Door:
    return Door()


def visitor(request: object) -> None:
    """Nobody is ever signed in."""
