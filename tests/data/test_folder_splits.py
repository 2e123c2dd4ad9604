"""Copies of a picture are in one split; without copies the splits are those that they always were."""

import torch

from dcgan.data.dataset import split_off
from dcgan.data.folder_splits import OF_TRAIN, SHARES, completed, drawn


def test_without_copies_nothing_changes():
    for count in (20, 57, 1000):
        expected = split_off(count, SHARES)
        found = drawn(torch.arange(count) + 7, SHARES)
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[split], expected[split]) for split in expected)


def test_copies_stay_together_and_no_image_is_lost():
    picture = torch.from_numpy(__import__("numpy").random.RandomState(0).randint(0, 80, 400))
    splits = drawn(picture, SHARES)
    assert torch.cat(list(splits.values())).sort().values.tolist() == list(range(400))
    seen = [set(picture[of].tolist()) for of in splits.values()]
    assert sum(map(len, seen)) == len(set.union(*seen)) == len(picture.unique())
    shares = {split: len(of) / 400 for split, of in splits.items()}
    assert 0.04 < shares["validation"] < 0.2
    assert 0.1 < shares["test"] < 0.35


def test_three_given_splits_are_taken_as_they_are():
    given = {"train": torch.arange(10), "validation": torch.arange(10, 13), "test": torch.arange(13, 20)}
    found = completed(given, torch.arange(20))
    assert list(found) == ["train", "validation", "test"]
    assert all(torch.equal(found[split], given[split]) for split in given)


def test_validation_without_a_test_is_the_test_and_a_tenth_of_train_validates():
    for second in ("validation", "test"):
        found = completed({"train": torch.arange(5, 45), second: torch.arange(45, 60)}, torch.arange(60))
        assert found["test"].tolist() == list(range(45, 60))
        part = split_off(40, {"validation": OF_TRAIN})
        assert torch.equal(found["validation"], part["validation"] + 5)
        assert torch.equal(found["train"], part["train"] + 5)
        assert len(found["validation"]) == 4


def test_of_a_picture_in_several_splits_the_test_keeps_it():
    picture = torch.tensor([0, 1, 2, 3, 1, 4, 2, 4, 5])
    given = {"train": torch.tensor([0, 1, 2, 3]), "validation": torch.tensor([4, 5]), "test": torch.tensor([6, 7, 8])}
    found = completed(given, picture)
    assert {split: of.tolist() for split, of in found.items()} == {
        "train": [0, 3],
        "validation": [4],
        "test": [6, 7, 8],
    }


def test_a_split_may_come_out_empty():
    found = completed({"train": torch.tensor([0]), "test": torch.tensor([1])}, torch.tensor([0, 0]))
    assert [len(of) for of in found.values()] == [0, 0, 1]
