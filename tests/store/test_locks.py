"""SQLite's own files under several connections and several processes."""

import sqlite3
import subprocess
import sys

from priorauth.store import open_store


LOOK_AND_GO = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM cases'); c.close()"
)


def test_a_process_that_ends_leaves_the_log_of_the_others_alone(tmp_path):
    database = tmp_path / "cases.db"
    stores = [open_store(f"sqlite:///{database}", tmp_path / "documents") for _ in range(2)]
    for store in stores:
        store.list_cases()

    subprocess.run([sys.executable, "-c", LOOK_AND_GO, str(database)], check=True)

    assert (tmp_path / "cases.db-wal").exists()
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE cases SET status = status")
    for store in stores:
        store.close()
