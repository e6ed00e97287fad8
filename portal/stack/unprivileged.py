"""PostgreSQL refuses to run as root: who runs it then, and where that user finds programs and data."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from portal.stack.children import identity
from portal.stack.voice import StackError, say

# Where root keeps what another user must reach, when the data folder or the environment is closed to others.
PUBLIC = Path("/var/lib/countersign")


def runner(data: Path) -> pwd.struct_passwd | None:
    """Choose the user that runs PostgreSQL: ourselves (None), or as root the data's owner, else `nobody`."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        raise StackError(
            f"PostgreSQL does not run as root, and there is no other user for it ({error}). "
            "Run as an ordinary user, or set DATABASE_URL to a server of your own."
        ) from error


def reachable_data(wanted: Path, user: pwd.struct_passwd | None) -> Path:
    """Give the folder for the data: the wanted one, or one outside when the user cannot pass its parents.

    :raises StackError: the data lies where its user can no longer get to it
    """
    if user is None:
        return wanted
    passes = can(user, "test", "-x", str(wanted.parent))
    mark = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    outside = PUBLIC / f"data-{mark}"
    if outside.exists() and not wanted.parent.joinpath("secrets.json").exists():
        # It belonged to a data folder at this place that is gone.
        shutil.rmtree(outside)
    if wanted.exists() and not passes:
        raise StackError(
            f"{user.pw_name}, who runs PostgreSQL, cannot get to {wanted}: "
            "let others pass the folders above it (chmod o+x)."
        )
    # Data once outside stays there, also when the way in has been opened since.
    if not outside.exists() and passes:
        return wanted
    public_folder(outside)
    say(f"postgres: its data lies in {outside}, since {user.pw_name} runs it and must get there")
    return outside / wanted.name


def reachable_programs(installation: Path, version: str, user: pwd.struct_passwd | None) -> Path:
    """Give a copy of the package and its libraries that the user can run, the original where it can."""
    if user is None or can(user, str(installation / "bin" / "postgres"), "--version"):
        return installation
    package = installation.parent
    place = PUBLIC / f"postgres-{version}"
    if not place.exists():
        say(f"postgres: copying its programs to {place}, where {user.pw_name} can run them")
        draft = public_folder(PUBLIC / f".postgres-{version}-{os.getpid()}")
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        open_to_others(draft)
        try:
            draft.rename(place)
        except OSError:
            # Another stack was quicker; its copy is the same.
            shutil.rmtree(draft)
    copied = place / package.name / installation.name
    if not can(user, str(copied / "bin" / "postgres"), "--version"):
        raise StackError(
            f"PostgreSQL does not run as root, and as {user.pw_name} not either ({copied}). "
            "Run as an ordinary user, or set DATABASE_URL to a server of your own."
        )
    return copied


def give_to(user: pwd.struct_passwd | None, path: Path) -> None:
    """Make a folder of the user's own, with all that is in it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is None or path.stat().st_uid == user.pw_uid:
        return
    for folder, _, files in os.walk(path):
        os.chown(folder, user.pw_uid, user.pw_gid)
        for name in files:
            os.lchown(Path(folder) / name, user.pw_uid, user.pw_gid)


def public_folder(path: Path) -> Path:
    """Make a folder whose way is open to everybody."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        for folder in (PUBLIC, path):
            folder.chmod(0o755)
    except OSError as error:
        raise StackError(
            f"PostgreSQL does not run as root, and {path} cannot be made for it: {error.strerror}. "
            "Choose --data in a folder that others may pass, or set DATABASE_URL to a server of your own."
        ) from error
    return path


def open_to_others(path: Path) -> None:
    """Let everybody read what is below the path, and run what its owner may run."""
    for folder, _, files in os.walk(path):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


def can(user: pwd.struct_passwd, *command: str) -> bool:
    """Tell whether a command succeeds as that user; a trial knows more than a reading of mode bits."""
    try:
        trial = subprocess.run(
            command, capture_output=True, check=False, cwd="/", timeout=20, **identity(user)
        )
    except PermissionError as error:
        if error.filename in (None, "/"):
            raise StackError(
                f"PostgreSQL does not run as root, nor can it be {user.pw_name} here ({error.strerror}). "
                "Run as an ordinary user, or set DATABASE_URL to a server of your own."
            ) from error
        return False
    except (OSError, subprocess.SubprocessError):
        return False
    return trial.returncode == 0
