"""Patches of objects, as a cluster applies them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import jsonpatch
import yaml

from tools.api_server_kinds import Object

MERGE_KEYS = ("name", "mountPath", "containerPort", "port", "topologyKey", "ip", "uid")
"""What tells the entries of a list apart, where a strategic merge doesn't replace the list."""


def patched(made: Object, content_type: str, body: bytes) -> Object:
    """Return an object with a patch applied.

    Args:
        made: the object; it stays as it is.
        content_type: which kind of patch it is.
        body: the patch.

    Raises:
        ValueError: the patch can't be read, or doesn't fit the object.
    """
    patch = yaml.safe_load(body)  # JSON, or the YAML of a server-side apply
    if content_type == "application/json-patch+json":
        try:
            found: Object = jsonpatch.apply_patch(made, patch)
        except jsonpatch.JsonPatchException as error:
            raise ValueError(str(error)) from error
        return found
    if not isinstance(patch, dict):
        raise ValueError("the patch is no object")
    return _merged(deepcopy(made), patch, strategic=content_type != "application/merge-patch+json")


def _merged(made: Object, patch: Object, strategic: bool) -> Object:
    retained = patch.get("$retainKeys")
    for name, value in patch.items():
        if name.startswith(("$setElementOrder/", "$retainKeys")):
            continue
        if name.startswith("$deleteFromPrimitiveList/"):
            kept = made.get(name.partition("/")[2], [])
            made[name.partition("/")[2]] = [entry for entry in kept if entry not in value]
        elif value is None:
            made.pop(name, None)
        elif isinstance(value, dict):
            old = {} if value.get("$patch") == "replace" else made.get(name)
            made[name] = _merged(old if isinstance(old, dict) else {}, value, strategic)
        elif isinstance(value, list) and strategic:
            made[name] = _merged_list(made.get(name) or [], value)
        elif name != "$patch":
            made[name] = value
    return {name: made[name] for name in made if name in retained} if retained else made


def _merged_list(made: list[Any], patch: list[Any]) -> list[Any]:
    objects = [entry for entry in (*made, *patch) if isinstance(entry, dict)]
    key = next((k for k in MERGE_KEYS if objects and all(k in entry for entry in objects)), "")
    if not key or len(objects) != len(made) + len(patch):
        return patch
    for entry in patch:
        place = next((i for i, old in enumerate(made) if old[key] == entry[key]), len(made))
        if entry.get("$patch") == "delete":
            made = made[:place] + made[place + 1 :]
        elif place < len(made):
            made[place] = _merged(made[place], entry, strategic=True)
        else:
            made = [*made, _merged({}, entry, strategic=True)]
    return made
