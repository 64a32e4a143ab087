"""Which carrier the request at hand is for: each web application has its own."""

from flask import current_app

from .carrier import Carrier

NAME = "carrier"


def carrier() -> Carrier:
    """The carrier of the application that serves this request."""
    found: Carrier = current_app.extensions[NAME]
    return found
