from typing import TYPE_CHECKING

from medvault.adapters.s3.lifecycle import RULES, with_ours

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import LifecycleRuleTypeDef


def test_a_bucket_without_rules_gets_ours() -> None:
    assert with_ours([]) == list(RULES)


def test_rules_without_a_name_of_ours_stay_first() -> None:
    theirs: LifecycleRuleTypeDef = {
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 3},
    }
    assert with_ours([theirs]) == [theirs, *RULES]


def test_ours_are_replaced_as_often_as_one_likes() -> None:
    once = with_ours([{"ID": "medvault-old", "Status": "Enabled"}])
    assert with_ours(once) == once == list(RULES)


def test_every_rule_can_be_told_by_its_name() -> None:
    names = [rule["ID"] for rule in RULES]
    assert len(set(names)) == len(names) == 3
