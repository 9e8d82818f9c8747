"""Reads the results of a notebook with DuckDB, and with pandas where it is there, without any help of lowland.

    python3 read_with_duckdb.py NOTEBOOK [--runs N] [--once]

Fails unless every run has its row, every row its curve, and (with --once) nothing stands twice.
"""

import argparse
import glob
import sys

import duckdb


def check(what, found, wanted):
    """One line per check; the first that fails ends it."""
    print(f"  {what}: {found}")
    if found != wanted:
        sys.exit(f"{what}: found {found}, wanted {wanted}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("notebook")
    arguments.add_argument("--runs", type=int, help="how many different runs there must be")
    arguments.add_argument("--once", action="store_true", help="no row may stand in two files")
    wanted = arguments.parse_args()
    database = duckdb.connect()
    for table in ("summary", "curves"):
        files = f"{wanted.notebook}/runs/{table}/**/*.parquet"
        database.execute(
            f"create view {table} as select * from "
            f"read_parquet('{files}', union_by_name = true, hive_partitioning = true)"
        )
        print(f"{table}: {len(glob.glob(files, recursive=True))} files")

    def one(query):
        return database.execute(query).fetchall()[0][0]

    rows, runs = one("select count(*) from summary"), one("select count(distinct run) from summary")
    points = one("select count(*) from (select distinct run, record, step from curves)")
    if wanted.runs is not None:
        check("runs", runs, wanted.runs)
    if wanted.once:
        check("rows of the summary", rows, runs)
        check("rows of the curves", one("select count(*) from curves"), points)
    check("rows without a date", one("select count(*) from summary where date is null"), 0)
    check("types of the numbers",
          sorted(set(str(kind) for name, kind, *_ in database.execute("describe summary").fetchall()
                     if name in ("train_loss", "seconds", "optimizer.learning_rate"))), ["DOUBLE"])
    check("results without a curve", one(
        "select count(*) from summary s where s.status in ('done', 'diverged')"
        " and not exists (select 1 from curves c where c.record = s.record and c.run = s.run)"), 0)
    check("curves without a run", one("select count(*) from curves where run not in (select run from summary)"), 0)
    check("curves that do not end where their run did", one(
        "select count(*) from (select run, record, max(step) last from curves group by all) c"
        " join summary s using (run, record) where s.status = 'done' and c.last <> s.steps"), 0)

    try:
        import pandas
    except ImportError:
        print("  (pandas is not there)")
        return
    # A path of one folder: pandas takes the dates from below it.
    frame = pandas.read_parquet(f"{wanted.notebook}/runs/summary")
    check("runs that pandas reads", frame["run"].nunique(), runs)


if __name__ == "__main__":
    main()
