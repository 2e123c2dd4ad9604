"""Whether subfolders are classes or splits, and what is said where they cannot be what they are called."""

import pytest

from dcgan.common.errors import Misuse
from dcgan.data.folder_layout import classes, members, remarks, sources, split_folders


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
    (remark,) = remarks(_under(*tops), "photos")
    assert remark.endswith("are taken for classes, as when this was begun")


@pytest.mark.parametrize(
    "names",
    [
        _in("cat", "dog"), _in("train", "bus"), _in("train"), _in("train", "training"),
        ["a.png", "b.png"], _in("valley", "train", "tester"), _in("cat/train", "dog"),
        ["a.png", *_in("cat")], _in("cat/big", "cat/small/old", "dog"), _in("x/y"),
    ],
)  # fmt: skip
def test_other_folders_are_none(names: list[str]):
    assert split_folders(names) == {}
    assert remarks(names, "photos") == []


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([*_under("train", "val"), *_in("extra")], "train/ and val/ are not taken for the splits, since extra/ stands"),
        ([*_under("train", "test"), "cover.png"], "test/ and train/ are not taken for the splits, since images stand"),
    ],
)
def test_what_stands_beside_is_said(names: list[str], why: str):
    assert split_folders(names) == {}
    assert remarks(names, "photos") == [f"{why} beside them"]


TAKEN = "are taken for classes: if they are the splits"
NO_SPLITS = "and no splits or classes are used: give data.folder=photos"


@pytest.mark.parametrize(
    ("names", "remark"),
    [
        (_in("train_images", "val_images"), f"train_images/ and val_images/ {TAKEN}, call them train/, val/ and test/"),
        (_in("train2017", "val2017"), f"train2017/ and val2017/ {TAKEN}, call them train/, val/ and test/"),
        (_in("trainA", "testA"), f"testA/ and trainA/ {TAKEN}, call them train/, val/ and test/"),
        (_in("train", "DEV"), f"DEV/ and train/ {TAKEN}, call them train/, val/ and test/"),
        (_in("test", "val"), f"test/ and val/ {TAKEN}, they need a train/ beside them"),
        (
            _in("train2017", "val2017", "x"),
            "train2017/ and val2017/ are not taken for the splits, since x/ stands beside them, "
            "and they are not called train/, val/ and test/",
        ),
        (
            _under("imagenet/train", "imagenet/val"),
            f"all images lie in imagenet/, {NO_SPLITS}/imagenet to use train/ and val/",
        ),
        (_in("x/y/z/a", "x/y/z/b"), f"all images lie in x/y/z/, {NO_SPLITS}/x/y/z to use a/ and b/"),
        (
            _in("train/a", "train/b", "train/c", "train/d"),
            f"all images lie in train/, {NO_SPLITS}/train to use a/, ...",
        ),
        (
            [*_in("cat", "dog"), "stray.png"],
            "1 image beside the class folders (stray.png): no classes are used; move it into one of cat/ and dog/, "
            "or elsewhere",
        ),
        (
            [*_in("cat", "dog"), "1.png", "2.png"],
            "2 images beside the class folders (1.png, ...): no classes are used; move them into one of cat/ and dog/, "
            "or elsewhere",
        ),
        (
            _under("a", "b", inside=("train", "test", "truth")),
            "a/ and b/ have test/ and train/ inside, whose images are mixed and split anew: to keep those splits, "
            "move them to test/a/, train/a/ and so on, or give data.folder=photos/a alone",
        ),
        (
            _in("x/train", "x/val", "y/a", "y/b"),
            "x/ has train/ and val/ inside, whose images are mixed and split anew: to keep those splits, "
            "move them to train/x/, val/x/ and so on, or give data.folder=photos/x alone",
        ),
    ],
)
def test_what_may_be_meant_otherwise_is_said(names: list[str], remark: str):
    assert split_folders(names) == {}
    assert remarks(names, "photos") == [remark]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([*_under("train"), *_in("val/cat")], "val/ has no class folder 'dog', which train/ has: give all"),
        ([*_under("train"), *_in("val")], "val/ has images beside class folders: sort them in"),
        ([*_under("train", "val"), *_in("val/cow")], "train/ has no class folder 'cow', which val/ has: give all"),
        ([*_under("train", "val"), "val/x.png"], "val/ has images beside class folders: sort them in"),
        (_under("train", "val", "valid"), "val/ and valid/ are the same one: put their images together"),
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
