"""Whether subfolders are classes or splits, and what is said where they cannot be what they are called."""

import pytest

from dcgan.common.errors import Misuse
from dcgan.data.folder_layout import classes, in_the_way, members, sources, split_folders


def _in(*folders: str) -> list[str]:
    """Two images in each."""
    return [f"{folder}/{number}.png" for folder in folders for number in range(2)]


CAT_DOG = ("cat", "dog")


def _under(*tops: str, inside: tuple[str, ...] = CAT_DOG) -> list[str]:
    return _in(*(f"{top}/{folder}" for top in tops for folder in inside))


@pytest.mark.parametrize(
    ("tops", "expected"),
    [
        (("train", "val"), {"train": "train", "validation": "val"}),
        (("Train", "VALID"), {"train": "Train", "validation": "VALID"}),
        (("train", "test"), {"train": "train", "test": "test"}),
        (("test", "train", "validation"), {"test": "test", "train": "train", "validation": "validation"}),
        (("training", "testing"), {"train": "training", "test": "testing"}),
    ],
)
def test_folders_called_like_splits_are_the_splits(tops: tuple[str, ...], expected: dict[str, str]):
    assert split_folders(_in(*tops)) == split_folders(_under(*tops)) == expected
    assert split_folders(_under(*tops, inside=("all",))) == expected
    assert in_the_way(_under(*tops)).endswith("are taken for classes, as when this was begun")


@pytest.mark.parametrize(
    "names",
    [
        _in("cat", "dog"), _in("train", "bus"), _in("train"), _in("val", "test"), _in("train", "training"),
        ["a.png", "b.png"], _in("all/train", "all/val"),
    ],
)  # fmt: skip
def test_other_folders_are_none(names: list[str]):
    assert split_folders(names) == {}
    assert in_the_way(names) is None


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([*_under("train", "val"), *_in("extra")], "train/ and val/ are not taken for the splits, since extra/ stands"),
        ([*_under("train", "test"), "cover.png"], "test/ and train/ are not taken for the splits, since images stand"),
    ],
)
def test_what_stands_beside_is_said(names: list[str], why: str):
    assert split_folders(names) == {}
    assert in_the_way(names) == f"{why} beside them"


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([*_under("train"), *_in("val/cat")], "val/ has no class folder 'dog', which train/ has: give all"),
        ([*_under("train"), *_in("val")], "val/ has images beside class folders: sort them in"),
        ([*_under("train", "val"), *_in("val/cow")], "train/ has no class folder 'cow', which val/ has: give all"),
        ([*_under("train", "val"), "val/x.png"], "val/ has images beside class folders: sort them in"),
        (_under("train", "val", "valid"), "two of them are the same one: put their images together"),
        ([*_under("train"), *_in("val/cat", "val/caf\udce9")], r"train/ has no class folder 'caf\\xe9'"),
    ],
)
def test_what_keeps_them_from_being_splits_is_one_line(names: list[str], why: str):
    with pytest.raises(Misuse, match=rf"^train/,? (and )?val/.* would be the splits, but .*{why}") as caught:
        split_folders(names)
    assert str(caught.value).endswith("if these are classes")


def test_where_the_third_split_comes_from():
    assert sources({"train": "Train", "validation": "val"}) == {
        "train": "Train/", "validation": "a tenth of Train/", "test": "val/",
    }  # fmt: skip
    assert sources({"train": "train", "test": "test"})["validation"] == "a tenth of train/"
    assert sources({"train": "train", "validation": "val", "test": "t"})["validation"] == "val/"


def test_classes_are_the_immediate_subfolders():
    labels, names = classes([*_in("dog/big", "cat"), "caf\udce9/x.png"])
    assert names == ("caf\\xe9", "cat", "dog")
    assert labels.tolist() == [2, 2, 1, 1, 0]
    assert classes(_in("all")) == classes(["x.png", *_in("cat", "dog")]) == (None, ())


def test_members_of_a_folder():
    assert members(["a.png", "train/x/1.png", "val/2.png", "train/3.png"], "train").tolist() == [1, 3]
