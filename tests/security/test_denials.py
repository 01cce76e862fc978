"""The table of denials: who may not do what. Each row is one request to the real program; its allowed twins stand beside it.

A row that denies proves little alone, because a broken set-up denies everything: so each group also has rows that must
be answered, and `test_every_group_has_both` counts them.
"""
import collections

import pytest
import rows_access_block
import rows_edge
import rows_identity
import rows_lists
import rows_operations
import rows_paths
import rows_presigned
import rows_resource
import rows_sessions
import rows_signatures
import world as worlds

ROWS = [*rows_identity.ROWS, *rows_resource.ROWS, *rows_access_block.ROWS, *rows_operations.ROWS, *rows_signatures.ROWS,
        *rows_presigned.ROWS, *rows_paths.ROWS, *rows_edge.ROWS, *rows_sessions.ROWS, *rows_lists.ROWS]


@pytest.fixture(scope="module")
def world(_shared_cloud):
    _shared_cloud.meetinity("reset")
    return worlds.World(_shared_cloud)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.group}: {row.name}" for row in ROWS])
def test_row(world, row):
    world.arrange(row)
    answer = row.act(world)
    if not row.denied:
        assert answer.status in (200, 204), answer
        return
    codes = row.code if isinstance(row.code, tuple) else (row.code,)
    assert answer.status >= 400, f"a bypass: {answer}"
    assert answer.code in codes, answer
    assert worlds.SECRET_TEXT not in answer.body
    assert world.alice.secret.encode() not in answer.body


def test_every_group_has_both():
    denied = collections.Counter(row.group for row in ROWS if row.denied)
    allowed = collections.Counter(row.group for row in ROWS if not row.denied)
    assert sum(denied.values()) >= 150
    assert set(denied) == set(allowed)
    names = [(row.group, row.name) for row in ROWS]
    assert len(names) == len(set(names))
