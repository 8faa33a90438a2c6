"""Server-sent events, as a client has them."""


def read_events(stream):
    """(id, event, data) of each event of a stream of lines, whose head is read. None: not there."""
    fields = {}
    for line in stream:
        line = line.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if fields:
            yield fields.get("id"), fields.get("event"), fields.get("data")
        fields = {}
