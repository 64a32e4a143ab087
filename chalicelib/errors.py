"""Every error this service raises on purpose.

* SurveyError            `status` is the HTTP answer; queues and schedules let it propagate
  - BadRequest       422 the request is malformed: `field` names where
  - TooLarge         413 the body is over 64 KiB
  - Unauthorised     401 not signed with our secret, or no valid token
  - Forbidden        403 not Twilio's signature, or not this role's business
  - NotFound         404 there is no such thing
  - Conflict         409 someone else changed it first, or holds it
  - CarrierError     502 the carrier said no: `outcome` says what that means for the attempt
    + Unknown            it may have happened: look it up before any retry
"""

from chalicelib.events import Outcome


class SurveyError(Exception):
    """Base of all: `status` is the HTTP answer, `title` its short name, the message its detail."""

    status = 500
    title = "Internal error"


class BadRequest(SurveyError):
    status, title = 422, "Unprocessable content"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class TooLarge(SurveyError):
    status, title = 413, "Content too large"


class Unauthorised(SurveyError):
    status, title = 401, "Unauthorised"


class Forbidden(SurveyError):
    status, title = 403, "Forbidden"


class NotFound(SurveyError):
    status, title = 404, "Not found"


class Conflict(SurveyError):
    status, title = 409, "Conflict"

    def __init__(self, detail: str, owner: str | None = None) -> None:
        super().__init__(detail)
        self.owner = owner


class CarrierError(SurveyError):
    status, title = 502, "The carrier refused"

    def __init__(self, detail: str, outcome: Outcome, code: int | None = None) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.code = code


class Unknown(CarrierError):
    """Neither accepted nor refused for sure: a time-out, a lost connection, a 5xx."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, Outcome.UNKNOWN)
