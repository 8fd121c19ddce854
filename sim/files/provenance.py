"""Which program made some numbers, on which computer: what every manifest tells."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from pydantic import BaseModel, Field

from sim.files.fingerprint import Fingerprint

__all__ = ["Provenance"]

PACKAGES = ("llvmlite", "matplotlib", "mesa", "networkx", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
NOT_KNOWN = Fingerprint({}, {}, {})


def versions() -> dict[str, str]:
    """Versions of the libraries that are installed here, and of what the system and the processor have of them."""
    from llvmlite.binding import get_host_cpu_name

    libm = " ".join(filter(None, platform.libc_ver())) or platform.version()
    return {"libm": libm, "processor": get_host_cpu_name(), **{package: version(package) for package in PACKAGES}}


class Provenance(BaseModel):
    """Base of manifests.

    Attributes
    ----------
    spiraal, python, platform
        Version of the program and of Python, and the kind of computer.
    versions
        Versions of libraries, among them that of the system's mathematics (``libm``), and the kind of ``processor``
        for which equations were compiled; manifests of version 0.3.0 have neither.
    fingerprint
        What the numbers depend on; empty in manifests of version 0.1.
    """

    spiraal: str = Field(default_factory=lambda: version("spiraal"))
    python: str = Field(default_factory=platform.python_version)
    platform: str = Field(default_factory=lambda: f"{platform.system()} {platform.machine()}")
    versions: dict[str, str] = Field(default_factory=versions)
    fingerprint: Fingerprint = NOT_KNOWN

    def changed_since(self, now: Fingerprint) -> list[str]:
        """Names of sources, libraries and replacements that are not as they were; none where nothing is known."""
        return now.differences(self.fingerprint) if self.fingerprint.sources else []

    def other_versions(self) -> Mapping[str, tuple[str, str]]:
        """What of program, Python, computer and libraries is another here: what it was, and what it is."""
        here = Provenance()
        then = {"spiraal": self.spiraal, "python": self.python, "platform": self.platform, **self.versions}
        now = {"spiraal": here.spiraal, "python": here.python, "platform": here.platform, **here.versions}
        return {name: (was, now[name]) for name, was in then.items() if now.get(name, was) != was}
