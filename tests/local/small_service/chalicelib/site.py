"""What the local machine tells the pages: whether their figures are invented."""

from collections.abc import Callable

made_up: Callable[[], bool] = bool
