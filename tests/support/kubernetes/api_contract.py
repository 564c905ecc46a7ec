"""The rules that every `Api` keeps to, the real one and the one in memory."""

import pytest

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import Conflict, Missing, Refused
from medvault_operator.kube.kinds import SERVICE_MONITOR, WATCHED, Kind
from medvault_operator.world.manifest import Manifest

CONFIG_MAP = next(kind for kind in WATCHED if kind.name == "ConfigMap")
DEPLOYMENT = next(kind for kind in WATCHED if kind.name == "Deployment")
UNKNOWN = Kind("nobody.example", "v1", "Nothing", "nothings")


def config_map(namespace: str, name: str = "notes", **data: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"clinic": name}},
        "data": data,
    }


class ApiContract:
    """Subclasses give the fixtures `api` and `place`, an empty namespace."""

    def test_what_does_not_exist_is_nothing(self, api: Api, place: str) -> None:
        assert api.get(CONFIG_MAP, place, "nobody") is None
        assert api.list(CONFIG_MAP, place, "clinic=nobody") == []

    def test_what_is_created_is_found_with_its_kind(self, api: Api, place: str) -> None:
        api.create(config_map(place, "created", a="1"))
        found = api.get(CONFIG_MAP, place, "created")
        assert found is not None
        assert (found["apiVersion"], found["kind"], found["data"]) == (
            "v1",
            "ConfigMap",
            {"a": "1"},
        )
        [listed] = api.list(CONFIG_MAP, place, "clinic=created")
        assert (listed["apiVersion"], listed["kind"]) == ("v1", "ConfigMap")
        assert listed["metadata"]["uid"] == found["metadata"]["uid"]

    def test_nothing_is_created_twice(self, api: Api, place: str) -> None:
        api.create(config_map(place, "once", a="1"))
        with pytest.raises(Conflict):
            api.create(config_map(place, "once", a="2"))
        found = api.get(CONFIG_MAP, place, "once")
        assert found is not None
        assert found["data"] == {"a": "1"}

    def test_of_two_who_replace_one_version_the_second_is_refused(
        self, api: Api, place: str
    ) -> None:
        version = api.create(config_map(place, "raced", a="1"))
        first = api.replace({**version, "data": {"a": "2"}})
        with pytest.raises(Conflict):
            api.replace({**version, "data": {"a": "3"}})
        assert api.get(CONFIG_MAP, place, "raced") == first

    def test_what_does_not_exist_can_not_be_replaced(self, api: Api, place: str) -> None:
        with pytest.raises(Missing):
            api.replace(config_map(place, "never"))

    def test_applying_makes_changes_and_takes_away(self, api: Api, place: str) -> None:
        made = api.apply(config_map(place, "applied", a="1", b="2"))
        changed = api.apply(config_map(place, "applied", a="1", c="3"))
        assert made["data"] == {"a": "1", "b": "2"}
        assert changed["data"] == {"a": "1", "c": "3"}
        assert made["metadata"]["uid"] == changed["metadata"]["uid"]

    def test_applying_the_same_again_makes_no_new_version(self, api: Api, place: str) -> None:
        first = api.apply(config_map(place, "same", a="1"))
        again = api.apply(config_map(place, "same", a="1"))
        assert first["metadata"]["resourceVersion"] == again["metadata"]["resourceVersion"]

    def test_applying_leaves_what_others_added(self, api: Api, place: str) -> None:
        made = api.apply(config_map(place, "shared", a="1"))
        api.replace({**made, "data": {"a": "9", "theirs": "x"}})
        assert api.apply(config_map(place, "shared", a="1"))["data"] == {"a": "1", "theirs": "x"}

    def test_what_was_handed_over_stays_when_it_is_no_longer_applied(
        self, api: Api, place: str
    ) -> None:
        api.apply(config_map(place, "handed", a="1", b="2"))
        api.hand_over(config_map(place, "handed", b="2"))
        assert api.apply(config_map(place, "handed", a="1"))["data"] == {"a": "1", "b": "2"}

    def test_what_somebody_else_changed_meanwhile_is_handed_over_as_it_is(
        self, api: Api, place: str
    ) -> None:
        made = api.apply(config_map(place, "overtaken", a="1", b="2"))
        api.replace({**made, "data": {"a": "1", "b": "9"}})
        api.hand_over(config_map(place, "overtaken", b="2"))
        assert api.apply(config_map(place, "overtaken", a="1"))["data"] == {"a": "1", "b": "9"}

    def test_overwriting_changes_what_is_named_and_leaves_the_rest(
        self, api: Api, place: str
    ) -> None:
        made = api.apply(config_map(place, "overwritten", a="1"))
        api.replace({**made, "data": {"a": "9", "theirs": "x"}})
        found = api.overwrite(config_map(place, "overwritten", a="2"))
        assert found["data"] == {"a": "2", "theirs": "x"}
        assert found["metadata"]["uid"] == made["metadata"]["uid"]

    def test_what_does_not_exist_can_not_be_overwritten(self, api: Api, place: str) -> None:
        with pytest.raises(Missing):
            api.overwrite(config_map(place, "never"))

    def test_who_applies_to_another_object_of_that_name_is_refused(
        self, api: Api, place: str
    ) -> None:
        made = api.apply(config_map(place, "reborn", a="1"))
        api.delete(made)
        api.apply(config_map(place, "reborn", a="2"))
        stale = config_map(place, "reborn", a="3")
        stale["metadata"]["uid"] = made["metadata"]["uid"]
        with pytest.raises(Refused) as refusal:
            api.apply(stale)
        assert refusal.value.reason == "Invalid"

    def test_what_is_deleted_is_gone_and_may_be_deleted_again(self, api: Api, place: str) -> None:
        made = api.apply(config_map(place, "doomed"))
        api.delete(made)
        api.delete(made)
        assert api.get(CONFIG_MAP, place, "doomed") is None

    def test_deleting_spares_what_took_the_name_meanwhile(self, api: Api, place: str) -> None:
        made = api.apply(config_map(place, "successor"))
        api.delete(made)
        api.apply(config_map(place, "successor"))
        api.delete(made)
        assert api.get(CONFIG_MAP, place, "successor") is not None

    def test_status_and_rest_are_written_apart(self, api: Api, place: str) -> None:
        labels = {"app": "probe"}
        manifest: Manifest = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "probe", "namespace": place},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "probe", "image": "busybox"}]},
                },
            },
        }
        made = api.apply(manifest)
        named = {name: manifest[name] for name in ("apiVersion", "kind", "metadata")}
        said = api.apply({**named, "status": {"observedGeneration": 1}}, status=True)
        again = api.apply(manifest)
        assert made["metadata"]["generation"] == said["metadata"]["generation"] == 1
        assert again["status"]["observedGeneration"] == 1

    def test_a_status_of_nothing_is_refused(self, api: Api, place: str) -> None:
        manifest: Manifest = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "nobody", "namespace": place},
            "status": {"observedGeneration": 1},
        }
        with pytest.raises(Missing):
            api.apply(manifest, status=True)

    def test_kinds_that_are_not_served_are_known_and_missing(self, api: Api, place: str) -> None:
        assert all(api.serves(kind) for kind in WATCHED)
        assert not api.serves(UNKNOWN)
        with pytest.raises(Missing):
            api.list(UNKNOWN, place)
        assert isinstance(api.serves(SERVICE_MONITOR), bool)
