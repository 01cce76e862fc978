"""Reads what people write by hand: models/served/*.txt and models/errors/*.txt."""

import re


class ListError(Exception):
    """A mistake in a list, with its place."""


def _lines(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.split("#", 1)[0].strip()
            if text:
                yield f"{path}:{number}", text


def read_served(path):
    """{operation: note}; the note is None when all of the operation is served.

    A line is "CreateBucket" or "PutBucketAcl partial: only private and bucket-owner-full-control".
    """
    result = {}
    for place, text in _lines(path):
        match = re.fullmatch(r"(\w+)(?:\s+partial:\s*(\S.*))?", text)
        if not match:
            raise ListError(f"{place}: expected 'Operation' or 'Operation partial: what is missing', not '{text}'")
        operation, note = match.groups()
        if operation in result:
            raise ListError(f"{place}: {operation} is listed twice")
        result[operation] = note
    return result


def read_errors(path):
    """[(code, status, message)] from lines such as "NoSuchKey 404 The specified key does not exist."."""
    result = []
    for place, text in _lines(path):
        match = re.fullmatch(r"([\w.]+)\s+([1-5]\d\d)(?:\s+(\S.*))?", text)
        if not match:
            raise ListError(f"{place}: expected 'Code status [message]', not '{text}'")
        result.append((match.group(1), int(match.group(2)), match.group(3) or ""))
    return result
