"""Sets up a fresh checkout: `python3 bootstrap.py` (what `make setup` runs), `--tools` for what the tests need.

Standard library only, and parseable by old Pythons, because it runs before anything is installed.
It does nothing, in well under a second, where everything is there already.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys


ROOT = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "set-up-for"
PRIVATE_UV = ROOT / ".uv"
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 14)
OLDEST_UV = (0, 9)
UV_TO_INSTALL = "uv>=0.13,<1"


def main(arguments):
    use_a_supported_python()
    from flows import prerequisites  # noqa: PLC0415 - written for Python 3.11, so not before the check

    ensure_system(prerequisites)
    ensure_environment()
    if "--tools" in arguments:
        ensure_tools(prerequisites)


def use_a_supported_python():
    """Goes on under another Python of this machine if the one that was called does not fit."""
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        return
    for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        # Version switchers put names on PATH that refuse to run, so it is asked to.
        if other and succeeds([other, "-c", "pass"]):
            os.execv(other, [other, str(ROOT / "bootstrap.py")] + sys.argv[1:])
    stop(
        f"Python {dotted(OLDEST_PYTHON)} to {dotted(NEWEST_PYTHON)} is needed; "
        f"{sys.executable} is Python {dotted(sys.version_info[:2])}.",
        "Install one (Debian 12, Ubuntu 24.04: sudo apt-get install python3; macOS: brew install python@3.13)\n"
        "or name yours: make PYTHON=/path/to/python3.12 ...",
    )


def dotted(version):
    return ".".join(str(part) for part in version)


def ensure_system(prerequisites):
    def find_missing():
        return prerequisites.missing_libraries() + ([] if can_make_environment() else [prerequisites.VENV])

    missing, failure = install_missing(prerequisites, find_missing)
    if missing:
        stop(
            f"This system lacks {names_of(missing)}.{failure}",
            f"Install it and run the same command again:\n  {command_for(prerequisites, missing)}",
        )


def ensure_tools(prerequisites):
    missing, failure = install_missing(prerequisites, prerequisites.missing_tools)
    if missing:
        say(f"Tests that need {names_of(missing)} will be skipped.{failure}")
        say(f"To run them too:\n  {command_for(prerequisites, missing)}")


def install_missing(prerequisites, find_missing):
    """Installs with apt-get where this user may; returns what is still missing and, in words, why."""
    missing = find_missing()
    if not missing or prerequisites.package_installer() != "apt":
        return missing, ""
    failure = apt_install(prerequisites.packages_for(missing, "apt"))
    return find_missing(), failure


def names_of(missing):
    return ", ".join(need.name for need in missing)


def command_for(prerequisites, missing):
    installer = prerequisites.package_installer()
    return prerequisites.install_command(missing, installer, as_root=os.geteuid() == 0)


def apt_install(packages):
    apt = apt_command()
    if apt is None:
        return " (Installing them here needs root or sudo without a password.)"
    say(f"Installing {' '.join(packages)} with apt-get ...")
    # A third-party source that does not answer fails the update, yet the packages may be found all the same.
    update = run([*apt, "update"])
    # Older releases keep some of these libraries in a package of another name that brings them along.
    known = [name for name in packages if apt_offers(name)]
    if not known:
        return f" apt-get knows no package named {', '.join(packages)}:\n{last_lines(update)}"
    outcome = run([*apt, "install", "--yes", "--no-install-recommends", *known])
    return "" if outcome.returncode == 0 else " apt-get said:\n" + last_lines(outcome)


def apt_offers(package):
    offer = re.search(r"Candidate: (.+)", run(["env", "LC_ALL=C", "apt-cache", "policy", package]).stdout)
    return offer is not None and offer.group(1) != "(none)"


def apt_command():
    """apt-get as this user may run it without being asked anything, or None."""
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120"]
    if os.geteuid() == 0:
        return apt
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n", *apt]
    return None


def ensure_environment():
    if environment_is_ready():
        return
    uv = find_uv() or install_uv()
    say("Preparing the Python environment in .venv ...")
    # Compiling now takes seconds once; a server, a worker and every run would each take them again otherwise.
    command = [uv, "sync", "--locked", "--compile-bytecode", "--no-python-downloads"]
    command += ["--python", sys.executable]
    if not sys.stderr.isatty():
        command.append("--quiet")
    outcome = subprocess.run(command, cwd=ROOT, env=uv_environment(), stdin=subprocess.DEVNULL, check=False)
    if outcome.returncode != 0:
        stop(
            "The Python environment could not be prepared; uv says why above.",
            "Without a network: connect and run the same command again.\n"
            f"After a change of pyproject.toml: {uv} lock",
        )
    STAMP.write_text(fingerprint())


def environment_is_ready():
    python = ENVIRONMENT / "bin" / "python"
    return python.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def can_make_environment():
    """Debian ships Python without the means to make one; uv, where it is there, does not need them."""
    return environment_is_ready() or find_uv() or succeeds([sys.executable, "-c", "import venv, ensurepip"])


def fingerprint():
    """Changes with everything an environment depends on; the folder too, since scripts carry its path."""
    content = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock"):
        content.update((ROOT / name).read_bytes())
    content.update(repr((str(ROOT), sys.version_info[:2])).encode())
    return content.hexdigest()


def uv_environment():
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=str(ENVIRONMENT))
    environment.pop("VIRTUAL_ENV", None)
    # Hospital networks often inspect TLS with a certificate of their own, which only the system knows.
    if pathlib.Path("/etc/ssl/certs/ca-certificates.crt").exists() or sys.platform == "darwin":
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    return environment


def find_uv():
    for uv in (shutil.which("uv"), str(PRIVATE_UV / "bin" / "uv")):
        if uv and uv_version(uv) >= OLDEST_UV:
            return uv
    return None


def uv_version(uv):
    try:
        outcome = run([uv, "--version"])
    except OSError:
        return (0, 0)
    found = re.match(r"uv (\d+)\.(\d+)", outcome.stdout)
    if outcome.returncode != 0 or found is None:
        return (0, 0)
    return (int(found.group(1)), int(found.group(2)))


def install_uv():
    say("Installing uv into .uv ...")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(PRIVATE_UV)],
        [str(PRIVATE_UV / "bin" / "python"), "-m", "pip", "install", "--quiet", UV_TO_INSTALL],
    ):
        outcome = run(command)
        if outcome.returncode != 0:
            stop(
                f"uv could not be installed: {' '.join(command)}\n{last_lines(outcome)}",
                "Check the network (or the proxy settings of pip) and run the same command again,\n"
                "or install uv yourself: https://docs.astral.sh/uv/",
            )
    return str(PRIVATE_UV / "bin" / "uv")


def run(command):
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        check=False,
    )


def succeeds(command):
    return run(command).returncode == 0


def last_lines(outcome):
    return "\n".join("  " + line for line in outcome.stdout.strip().splitlines()[-5:])


def say(text):
    print(text, file=sys.stderr, flush=True)


def stop(what, mend):
    say(f"\n{what}\n\n{mend}")
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
