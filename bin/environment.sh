# Sourced by the commands beside it, with `lock` set: finds Python, makes .venv fit the lock, sets `root` and `python`.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

# Settings of another Python would lead ours astray.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV || :
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ]; then
    # Some tools want a home to keep their caches in.
    HOME=$root/.build/home
    mkdir -p "$HOME" || exit 1
    export HOME
fi

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1
}

find_python() {
    for candidate in "$root/.venv/bin/python" python3.13 python3.12 python3.11 python3.14 python3 \
        "$HOME"/.pyenv/versions/*/bin/python3 "$HOME"/.local/bin/python3.1? /usr/local/bin/python3 /opt/homebrew/bin/python3; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 to 3.14 is needed, and none was found. Install one and run this again." >&2
    return 1
}

python=$(find_python) || exit 1
"$python" -I "$root/bin/install.py" "$lock" || exit 1
python=$root/.venv/bin/python
# The current folder is the caller's own: packages are looked for in the project alone.
export PYTHONPATH="$root" PYTHONSAFEPATH=1
