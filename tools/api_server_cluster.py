"""The objects of a cluster that exists for tests only, and what a client did wrong with them."""

from __future__ import annotations

import json
import uuid
from copy import deepcopy
from dataclasses import dataclass, field

import kubernetes_validate

from tools.api_server_controllers import settle
from tools.api_server_derived import TIME
from tools.api_server_kinds import NAMES, Kind, Object, RefusedError
from tools.api_server_selectors import selects

Key = tuple[str, str, str]
"""Kind, namespace, name."""

SPACES = ("default", "kube-system", "ingress-nginx", "billing")
"""The namespaces before anything of ours: `billing` is another team's, which documents name."""


@dataclass
class Cluster:
    """Objects by kind, namespace and name; each change is settled at once.

    Args:
        objects: all of them.
        missed: what was asked for and doesn't exist.
        gone: what was deleted.
        deleted: how many pods were deleted; their successors have other names.
        version: of the last change.
    """

    objects: dict[Key, Object] = field(default_factory=dict)
    missed: list[Key] = field(default_factory=list)
    gone: set[Key] = field(default_factory=set)
    deleted: int = 0
    version: int = 0

    @classmethod
    def empty(cls) -> Cluster:
        """A cluster to which nothing was applied."""
        made = cls()
        for name in SPACES:
            labels = {"kubernetes.io/metadata.name": name}
            space: Object = {"apiVersion": "v1", "kind": "Namespace"}
            made.keep({**space, "metadata": {"name": name, "labels": labels}})
        return made

    def copy(self) -> Cluster:
        """A cluster like this one, of which nothing was asked yet."""
        return Cluster(deepcopy(self.objects), deleted=self.deleted, version=self.version)

    def all(self, kind: str) -> list[Object]:
        """Every object of a kind."""
        return [made for (name, _, _), made in self.objects.items() if name == kind]

    def get(self, kind: str, space: str, name: str) -> Object | None:
        """One object, or None."""
        return self.objects.get((kind, space, name))

    def keep(self, made: Object) -> Object:
        """Store an object as it is, with what every object has."""
        self.version += 1
        meta = made["metadata"]
        meta.setdefault("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, str(_key(made)))))
        meta.setdefault("creationTimestamp", TIME)
        meta.setdefault("generation", 1)
        meta["resourceVersion"] = str(self.version)
        self.objects[_key(made)] = made
        return made

    def remove_all(self, kind: str) -> None:
        """Drop every object of a kind."""
        for key in [key for key in self.objects if key[0] == kind]:
            del self.objects[key]

    def find(self, kind: Kind, space: str, name: str) -> Object:
        """One object.

        Raises:
            RefusedError: there is none.
        """
        found = self.get(kind.kind, space, name)
        if found is None:
            self.missed.append((kind.kind, space, name))
            raise RefusedError(404, "NotFound", f'{kind.name} "{name}" not found')
        return found

    def select(self, kind: Kind, space: str, labels: str, fields: str) -> list[Object]:
        """The objects that match selectors of labels and fields; space "" means every namespace."""
        if space:
            self._enter(space)
        found = [
            made
            for made in self.all(kind.kind)
            if space in ("", made["metadata"].get("namespace"))
            and selects(labels, made["metadata"].get("labels", {}))
            and selects(fields, made, inside=True)
        ]
        if labels and not found:
            self.missed.append((kind.kind, space, labels))
        return found

    def create(self, kind: Kind, space: str, made: Object, dry: bool) -> Object:
        """Store a new object.

        Raises:
            RefusedError: it exists, its namespace doesn't, or it is invalid.
        """
        meta = made["metadata"]
        if kind.namespaced:
            self._enter(space)
            meta["namespace"] = space
        if self.get(kind.kind, space, meta["name"]):
            message = f'{kind.name} "{meta["name"]}" already exists'
            raise RefusedError(409, "AlreadyExists", message)
        return self._store(made, dry)

    def replace(self, old: Object, made: Object, dry: bool) -> Object:
        """Store another version of an object.

        Raises:
            RefusedError: it is invalid.
        """
        made["metadata"] |= {name: old["metadata"][name] for name in ("name", "uid")}
        if made.get("spec") != old.get("spec"):
            made["metadata"]["generation"] = old["metadata"]["generation"] + 1
        return self._store(made, dry)

    def delete(self, made: Object, dry: bool) -> None:
        """Remove an object; a pod's controller starts another one."""
        if not dry:
            self.gone.add(_key(made))
            self.deleted += made["kind"] == "Pod"
            del self.objects[_key(made)]
            settle(self)

    def _enter(self, space: str) -> None:
        if self.get("Namespace", "", space) is None:
            self.missed.append(("Namespace", "", space))
            raise RefusedError(404, "NotFound", f'namespaces "{space}" not found')

    def _store(self, made: Object, dry: bool) -> Object:
        _check(made)
        if not dry:
            self.keep(made)
            settle(self)
        return made


def _check(made: Object) -> None:
    plain = {name: value for name, value in made.items() if name != "status"}
    place = f"{made['kind']} {made['metadata']['name']}"
    try:
        if "monitoring.coreos.com" not in made["apiVersion"]:
            kubernetes_validate.validate(json.loads(json.dumps(plain)), "1.37", strict=True)
    except kubernetes_validate.ValidationError as error:
        raise RefusedError(422, "Invalid", f"{place} is invalid: {error.message}") from error
    if made["kind"] == "HorizontalPodAutoscaler":
        spec = made["spec"]
        if spec.get("minReplicas", 1) > spec["maxReplicas"]:
            message = f"{place} is invalid: minReplicas is above maxReplicas"
            raise RefusedError(422, "Invalid", message)


def _key(made: Object) -> Key:
    kind = NAMES[made["apiVersion"], made["kind"]]
    space = made["metadata"].get("namespace", "") if kind.namespaced else ""
    return made["kind"], space, made["metadata"]["name"]
