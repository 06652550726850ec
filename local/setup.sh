#!/bin/sh
# Make .venv from uv.lock: find a Python that fits, install uv into the venv, let uv install the rest.
# Run again any time; what is there already is kept. Needs nothing but Python 3.11 to 3.13 with venv.
set -eu

UV_VERSION=0.13.8
NEEDED_MB=4000

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv=$project/.venv

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    found=$({ ${PYTHON:-python3} --version || echo 'no python3'; } 2>&1 | head -n 1)
    fail "Throughline needs Python 3.11, 3.12 or 3.13 and found: $found." \
        "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13) or name it: make PYTHON=/path/to/python3.12"
}

check_disk() {
    free_mb=$(df -Pm "$project" | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$NEEDED_MB" ] ||
        fail "$project has ${free_mb} MB free; packages and the local stack need ${NEEDED_MB} MB. Free some space, then run this again."
}

make_venv() {
    [ -x "$venv/bin/python" ] && fits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 && return
    python=$(find_python)
    check_disk
    echo "Making .venv with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv" ||
        fail "$python cannot make a virtual environment. Install its venv module (Debian: apt-get install python3-venv), then run this again."
}

install_packages() {
    if [ "$("$venv/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
        echo "Installing uv $UV_VERSION into .venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" ||
            fail "pip cannot reach the package index. Check the network, or set PIP_INDEX_URL and UV_DEFAULT_INDEX to a mirror, then run this again."
    fi
    echo "Installing the locked packages (about 1.6 GB on disk, a minute the first time)"
    # A company network may sign with its own certificate: the system store knows it, uv's own does not.
    # Compiled once here, not by each process that may not write: a start of dbt or Dagster then costs half.
    UV_COMPILE_BYTECODE=1 UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT="$venv" "$venv/bin/uv" sync --locked --project "$project" --python "$venv/bin/python" ||
        fail "uv could not install the locked packages (its message is above). Check the network and the disk, then run this again."
}

make_venv
install_packages
# A seed that is made of a package: dbt does not parse without it.
(cd "$project" && "$venv/bin/python" -m local.user_agents.seed)
touch "$venv/.ready"
