"""Build the Dockerfile's image without a registry or a container engine.

A Debian root folder with Python takes the place of the base image. What this machine needs to reach
Debian's mirror and a package index is lent to the build and stays out of the image. The folder
named gets `churn.tar`, which `docker load` reads, and `image.json`, the record of what was built.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SUITE = "bookworm"
PACKAGES = "ca-certificates,python-is-python3,python3,python3-venv,usr-is-merged"

MERGED = "/usr/share/mmdebstrap/hooks/merged-usr"
"""Makes /bin a link at once; the package that would do it later needs the whole of Perl."""

DEBIAN = f"""\
deb http://deb.debian.org/debian {SUITE} main
deb http://deb.debian.org/debian {SUITE}-updates main
deb http://deb.debian.org/debian-security {SUITE}-security main
"""

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"

WHEELS = "/mnt"  # a mount on a folder that every Debian has leaves nothing behind


APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Before a command: its mounts and processes are gone when it ends, and when it is killed."""


def output(*command: str | Path) -> str:
    """Run a command and return what it prints, without the last line's end."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


def apt_sources() -> str:
    """List Debian's repositories as this machine reaches them; Debian's own, if it has none."""
    wanted = ("Created-By: Packages", "Origin: Debian")
    line = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    listed = output("apt-get", "indextargets", "--format", line, *wanted).splitlines()
    found = [entry for entry in dict.fromkeys(listed) if entry.split()[2].startswith(SUITE)]
    return "".join(f"{entry}\n" for entry in found) or DEBIAN


def apt_options() -> str:
    """List how apt reaches a mirror here: proxies, certificates, whether dates count."""
    names = r'^Acquire::(?:https?::|Check-Date|Check-Valid-Until|Retries).* "[^"]+";\n'
    return "".join(re.findall(names, output("apt-config", "dump", "Acquire") + "\n", re.M))


SLIM = ("/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*")
"""What Debian's slim images lack."""

LISTED = "/etc/apt/sources.list"

FORGET = f'cd "$1" && rm -rf etc/hostname etc/resolv.conf etc/apt/apt.conf.d/99* {LISTED[1:]}*'
"""What mmdebstrap leaves of this machine: its name, and how it reaches the mirror."""

KEEP_NOTHING = """\
Binary::apt-get::APT::Keep-Downloaded-Packages "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""
"""What the official base images tell apt."""


class Build:
    """The folder of one build, and what is made in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = output("sed", "-n", "s/^ARG BASE=//p", ROOT / "Dockerfile")
        """The name under which the Dockerfile finds its base image."""

    def buildah(self, *args: str | Path) -> str:
        """Run buildah with images of its own."""
        storage = ("--root", self.folder / "images", "--runroot", self.folder / "run")
        driver = ("--storage-driver", self._driver())
        return output(*APART, "buildah", *storage, *driver, *args)

    def _driver(self) -> str:
        """How images are stored: as overlays where they can be mounted, else as copies."""
        if "STORAGE_DRIVER" in os.environ:
            return os.environ["STORAGE_DRIVER"]
        places = [self.folder / name for name in ("lower", "upper", "inner", "merged")]
        for place in places:
            place.mkdir(exist_ok=True)
        lower, upper, inner, merged = places
        options = f"lowerdir={lower},upperdir={upper},workdir={inner}"
        mount = ["unshare", "--mount", "mount", "-t", "overlay", "-o", options, "overlay", merged]
        tried = subprocess.run(mount, check=False, stderr=subprocess.DEVNULL)
        return "vfs" if tried.returncode else "overlay"

    def make_base(self) -> None:
        """Make a Debian with Python, and import it under the base image's name."""
        print("making the base image", flush=True)
        self._write("sources.list", apt_sources())
        self._write("apt.conf", apt_options())
        debian = self._write("official.list", DEBIAN)
        output(
            *(*APART, "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"),
            f"--include={PACKAGES}",
            *("--dpkgopt=force-unsafe-io", f"--hook-dir={MERGED}"),
            *(f"--aptopt={self.folder}/apt.conf", *(f"--dpkgopt=path-exclude={f}" for f in SLIM)),
            *(f"--customize-hook={FORGET}", f"--customize-hook=upload {debian} {LISTED}"),
            *(SUITE, self.folder / "base.tar", self.folder / "sources.list"),
        )
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, self.folder / "base.tar", "/")
        self.buildah("config", "--cmd", "python3", container)
        name = f"docker.io/library/{self.base}"
        self.buildah("commit", "--quiet", "--format=docker", "--rm", container, name)

    def lend(self) -> list[str]:
        """Get the wheels and apt's settings; return the options by which the build sees them.

        The wheels are got outside: pip's settings here may name folders and certificates.
        """
        print("getting the locked packages", flush=True)
        wheels, apt = self.folder / "wheels", self.folder / "apt"
        for lock in ("build", "run"):
            output(
                *(sys.executable, "-m", "pip", "download", "-qq", "--dest", wheels),
                *("--require-hashes", "--only-binary=:all:", "--python-version=3.11"),
                *("-r", ROOT / "requirements" / f"{lock}.txt"),
            )
        pip = self._write("pip.conf", f"[global]\nno-index = true\nfind-links = {WHEELS}\n")
        shutil.copytree(
            "/etc/apt", apt, ignore=shutil.ignore_patterns("sources.list*", "apt.conf*")
        )
        shutil.copy(self.folder / "sources.list", apt)
        (apt / "apt.conf.d").mkdir()
        (apt / "apt.conf").write_text(apt_options() + KEEP_NOTHING, "utf-8")
        lent = {wheels: WHEELS, apt: "/etc/apt", Path(CERTIFICATES): CERTIFICATES}
        volumes = [f"--volume={source}:{target}:ro" for source, target in lent.items()]
        return [f"--secret=id=pip,src={pip}", *volumes]

    def make_image(self) -> dict[str, object]:
        """Build the image, write it to `churn.tar` and describe it."""
        digest = self.buildah("images", "--no-trunc", "--format", "{{.Digest}}", self.base)
        lent = self.lend()
        print("building the image", flush=True)
        image = self.buildah(
            *("build", "--quiet", "--format=docker", "--pull-never", "--isolation=chroot"),
            *("--network=host", *lent, f"--build-arg=BASE_DIGEST={digest}", ROOT),
        )
        archive = self.folder / "churn.tar"  # as `docker save` writes it
        self.buildah("push", "--quiet", image, f"docker-archive:{archive}:churn-api:latest")
        return {
            "image": f"sha256:{image}",
            "commit": output("git", "-C", ROOT, "rev-parse", "HEAD"),
            "base": {"name": self.base, "digest": digest},
            "archive": {"name": archive.name, "bytes": archive.stat().st_size},
        }

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path


def main() -> int:
    """Build into the folder named."""
    target = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the folder is removed
    with tempfile.TemporaryDirectory(prefix="churn-image-") as folder:
        os.environ["TMPDIR"] = folder
        build = Build(Path(folder))
        try:
            build.make_base()
            record = build.make_image()
        except subprocess.CalledProcessError as error:
            print(
                f"{error.stderr}the image was not built: {shlex.join(map(str, error.cmd))}",
                file=sys.stderr,
            )
            return 1
        target.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder) / "churn.tar", target / "churn.tar")
        (target / "image.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print(json.dumps(record, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
