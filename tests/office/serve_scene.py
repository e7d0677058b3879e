"""The office of ``scenes``, served by a process of its own: ``python serve_scene.py PORT``, with ``RIGHTCALL_OFFICE`` an empty folder. Its first line is the scene."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).parent))


def serve(port: int) -> None:
    django.setup()
    from django.conf import settings
    from django.core.cache import cache
    from django.core.management import call_command

    settings.ROOT_URLCONF = "odd_urls"
    call_command("migrate", verbosity=0)
    import scenes
    import waitress

    from rightcall.office.wsgi import application

    def patient(environ: Any, start_response: Any) -> Iterable[bytes]:
        """The office, but it forgets how often it was asked: a browser that visits every page is no attack."""
        cache.clear()
        return application(environ, start_response)

    print(json.dumps(asdict(scenes.build())), flush=True)
    waitress.serve(patient, host="127.0.0.1", port=port, threads=2)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
