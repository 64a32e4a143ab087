"""The one table. Nothing outside this package knows a key or an attribute's name."""

from chalicelib.store.callers import Caller
from chalicelib.store.erasure import Erased, KeepsChanging
from chalicelib.store.records import bucket
from chalicelib.store.table import Remark, Store

__all__ = ["Caller", "Erased", "KeepsChanging", "Remark", "Store", "bucket"]
