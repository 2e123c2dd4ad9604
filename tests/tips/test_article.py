"""The article's tips: all of them, each a toggle, and no key claimed twice."""

from __future__ import annotations

from dcgan.tips import TIPS

ARTICLE = {
    "small_networks", "he_init", "batch_norm", "leaky_relu", "gradient_penalty", "lr_decay", "mini_batch", "replay",
    "d_first", "pretrain", "optimizer",
}  # fmt: skip


def test_every_tip_of_the_article_is_a_toggle() -> None:
    assert set(TIPS) >= ARTICLE
    for each in TIPS.values():
        assert {"off", "on"} <= set(each.levels)
        assert each.source
        assert each.sentence.endswith(".")


def test_two_tips_of_the_article_never_claim_one_key() -> None:
    claimed: dict[str, str] = {}
    for each in TIPS.values():
        if not each.beyond:
            for key in {key for level in ("off", "on") for key in each.levels[level]}:
                assert claimed.setdefault(key, each.name) == each.name
