# Shared by the scripts beside it: find this checkout, and keep its virtual environment in step with its requirements.
# Sourced by a POSIX shell after `set -eu`.

here=$(dirname -- "$(readlink -f -- "$0")")
root=$(CDPATH='' cd -- "$here/.." && pwd -P)
venv=$root/.venv
unset PYTHONHOME

# What an environment is made from. The stamp of a finished environment holds exactly this text, so later runs only
# compare it. The location counts: an environment that was moved or copied still points at its old checkout.
requirements() {
    printf '%s %s\n' "$1" "$root"
    cat "$root/pyproject.toml" "$root/constraints.txt"
}

# Usage: ready KIND, where KIND is `run` or `test`. A test environment holds everything that a run environment does.
ready() {
    requirements "$1" | cmp -s - "$venv/.stamp" || requirements test | cmp -s - "$venv/.stamp"
}

# Run it to know it: a version manager may offer a name without the version, and Debian a Python without venv.
suits() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for python in "${GIGASITE_PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        if suits "$python"; then return 0; fi
    done
    echo "gigasite: needs Python 3.11 or later with venv and found none (on Debian: apt-get install python3-venv)." >&2
    echo "gigasite: if it is installed under another name, set GIGASITE_PYTHON to it." >&2
    exit 1
}

# Usage: make_environment KIND.
make_environment() {
    case $1 in
        test) package='.[test,lint]' ;;
        *) package=. ;;
    esac
    echo "gigasite: installing packages into .venv (first run or changed requirements; a minute or two) ..." >&2
    # What an interrupted installation left behind is not to be trusted: start afresh.
    if [ -e "$venv/.incomplete" ] || ! suits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1
    then
        "$python" -m venv --clear "$venv"
    fi
    : >"$venv/.incomplete"
    rm -f "$venv/.stamp"
    if ! (cd "$root" && exec "$venv/bin/python" -m pip install -qq --disable-pip-version-check \
        -c constraints.txt -e "$package") >&2
    then
        echo "gigasite: the packages could not be installed (see above). The next run starts afresh." >&2
        exit 1
    fi
    requirements "$1" >"$venv/.stamp"
    rm -f "$venv/.incomplete"
}

# Usage: prepare KIND. Returns at once when the environment is ready.
prepare() {
    if ready "$1"; then return 0; fi
    find_python
    # The lock lies on the checkout's folder and belongs to descriptor 9, which this shell holds until it is done or
    # dead, so no stale lock can remain.
    exec 9<"$root"
    if ! "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null; then
        echo "gigasite: waiting for another run that is installing packages ..." >&2
        "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    fi
    ready "$1" || make_environment "$1"
    exec 9<&-
}
