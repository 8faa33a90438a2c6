"""RFC 3339 instants as seconds since 1970, and back."""

import datetime

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MILLISECOND = datetime.timedelta(milliseconds=1)


def to_seconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return ((moment - _EPOCH) // _MILLISECOND) / 1000


def to_text(seconds):
    """Whole milliseconds, in UTC."""
    moment = _EPOCH + round(seconds * 1000) * _MILLISECOND
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
