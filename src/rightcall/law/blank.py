"""A new pack for an author to begin with: small, complete, and right as it stands.

The template is plain files beside this module, with `$id`, `$country`, `$title` and `$prefix` where the new pack differs. It
loads, its cases pass and its check finds no fault, so that whatever breaks afterwards is the author's own last change.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

from rightcall.law.problem import refuse

_COUNTRY = re.compile(r"[A-Z]{2}")


def new_pack(folder: Path, country: str, title: str) -> tuple[Path, ...]:
    """Write a new pack, whole or not at all; the files written. Raises ``Refused`` where the folder holds something or cannot be written."""
    _check(folder, country, title)
    words = _words(folder, country, title)
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
        try:
            _write(aside / "pack", words)
            (aside / "pack").rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise refuse(f"the pack cannot be written: {(error.strerror or str(error)).lower()}", folder, "name another folder") from None
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))


def _check(folder: Path, country: str, title: str) -> None:
    if not _COUNTRY.fullmatch(country):
        raise refuse(f"`{country}` is not a country", "--country", "write its two capital letters of ISO 3166; XX for one that is made up")
    if not title.strip() or not title.isprintable():
        raise refuse("the title is empty, or not one line of text", "--title", "write what law this is, as in `Ruritania, call-up act of 2024`")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse(f"`{folder}` is there and not empty", help="name a new folder, or an empty one: what is there is not ours to replace")
    if Path.cwd() == folder.resolve():
        raise refuse(f"you are in the folder `{folder}`", help="name a folder below it for the pack")


def _words(folder: Path, country: str, title: str) -> Mapping[str, str]:
    """What the template leaves out. A JSON text of one printable line is a TOML text as well."""
    id = re.sub(r"\W+", "_", folder.resolve().name.lower()).strip("_") or "pack"
    texts = {"id": id, "country": country, "title": title.strip()}
    return {name: json.dumps(text, ensure_ascii=False) for name, text in texts.items()} | {"prefix": country}


def _write(folder: Path, words: Mapping[str, str]) -> None:
    template = Path(str(files("rightcall") / "law" / "template"))
    for source in sorted(template.rglob("*")):
        if source.suffix in (".toml", ".md"):
            target = folder / source.relative_to(template)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(Template(source.read_text("utf-8")).substitute(words), "utf-8")
