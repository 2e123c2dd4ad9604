"""A run directory as rows: everything of the same images in one."""

from __future__ import annotations

import os

import pytest

from dcgan.common.errors import DcganError
from dcgan.runs.directory import RunDirectory
from dcgan.tracking.rows import Row, rows


def test_curves_scores_and_grids_of_the_same_images_are_one_row(trained: RunDirectory) -> None:
    grids = trained.samples
    assert rows(trained, last=300) == [
        Row(100, {"step": 10, "loss_d": 0.5}),
        Row(200, {"step": 20, "loss_d": 0.25, "validation/fid": 9.0}, grids / "000000200.png"),
        Row(300, {"step": 30, "loss_d": 0.125, "validation/fid": 8.0, "test/fid": 7.5}, grids / "final.png"),
    ]


def test_rows_since_so_many_images(trained: RunDirectory) -> None:
    assert [row.images for row in rows(trained, since=200)] == [200, 300]
    assert rows(trained, since=301) == []


def test_the_final_grid_has_its_place_only_where_the_run_ended(trained: RunDirectory) -> None:
    assert [row.grid is not None for row in rows(trained)] == [False, True, False]


def test_a_line_that_is_being_written_is_no_row_yet(trained: RunDirectory) -> None:
    with (trained.path / "metrics.csv").open("a") as file:
        file.write("40,400,0.0")
    assert [row.images for row in rows(trained)] == [100, 200, 300]


def test_a_run_without_tables_has_no_rows(trained: RunDirectory) -> None:
    for name in ("metrics.csv", "scores.csv"):
        (trained.path / name).unlink()
    (trained.samples / "000000200.png").unlink()
    assert rows(trained) == []


def test_columns_that_are_empty_or_words_are_no_values(trained: RunDirectory) -> None:
    (trained.path / "scores.csv").write_text(
        "images,split,extractor,protocol,fid,kid\n200,validation,classifier,x_9,,0.5\n"
    )
    assert rows(trained)[1].values == {"step": 20, "loss_d": 0.25, "validation/kid": 0.5}


def test_what_is_no_picture_of_its_own_is_no_grid(trained: RunDirectory) -> None:
    """W&B is given the path, and opens it: EPS starts an interpreter, and a link leads anywhere."""
    (trained.samples / "000000200.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n")
    kept = trained.path / "elsewhere.png"
    (trained.samples / "final.png").rename(kept)
    (trained.samples / "final.png").symlink_to(kept)
    os.mkfifo(trained.samples / "000000100.png")
    assert [row.grid for row in rows(trained, last=300)] == [None, None, None]


@pytest.mark.parametrize("images", ["nan", "1e999", "x"])
def test_a_row_that_has_no_place_is_told_with_its_file(trained: RunDirectory, images: str) -> None:
    (trained.path / "metrics.csv").write_text(f"images,loss_d\n{images},0.5\n")
    with pytest.raises(DcganError, match=r"metrics\.csv is damaged: a row without a number of images"):
        rows(trained)
