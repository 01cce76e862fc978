"""What S3 promises of each request, row by row: status, code, message, elements and headers, from the real program."""
import pytest

from contracts import s3_rows_buckets, s3_rows_objects, s3_rows_requests, s3_world

GROUPS = {**s3_rows_objects.ROWS, **s3_rows_buckets.ROWS, **s3_rows_requests.ROWS}
ROWS = [pytest.param(row, id=f"{group}: {row.name}") for group, rows in GROUPS.items() for row in rows]


@pytest.fixture(scope="module")
def world(_shared_cloud):
    _shared_cloud.meetinity("reset")
    return s3_world.World(_shared_cloud)


@pytest.mark.parametrize("row", ROWS)
def test_row(world, row):
    answer = row.ask(world)
    assert (answer.status, answer.code) == (row.status, row.code or answer.code), answer
    assert answer.headers["x-amz-request-id"] and answer.headers["x-amz-id-2"]
    for name, value in row.headers.items():
        assert answer.headers.get(name) == value, (name, answer)
    for name, value in row.elements.items():
        found = s3_world.texts(answer.body, name)
        assert (value in found) if isinstance(value, str) else bool(found) == (value is ...), (name, answer)
    if row.says:
        assert row.says in " ".join(s3_world.texts(answer.body, "Message")), answer
    if answer.status >= 400 and answer.body:
        assert s3_world.texts(answer.body, "RequestId") == [answer.headers["x-amz-request-id"]]
        assert s3_world.texts(answer.body, "HostId") == [answer.headers["x-amz-id-2"]]


def test_rows_have_names_of_their_own():
    names = [param.id for param in ROWS]
    assert len(names) == len(set(names)) and len(names) >= 200
