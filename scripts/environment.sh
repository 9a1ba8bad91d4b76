#!/usr/bin/env bash
# Installs exactly the packages of a lock file in .venv; does nothing if they are installed.
#
# Once everything is installed, .venv contains a copy of the lock file: the environment is current
# while the two are equal, whatever a checkout does to file times. The script uses uv if it is on
# PATH. The packages for Spark are large and have an environment of their own.
#
# Python compiles a package on first import and stores the result beside it. Where it has no
# permission to do so, as in many containers, every start would compile dbt again, so the script
# compiles all packages.
#
# usage: scripts/environment.sh requirements.txt
#        scripts/environment.sh requirements-spark.txt .venv-spark
set -euo pipefail

lock=$1
folder=${2:-.venv}
installed=$folder/$(basename "$lock")

fail() {
    echo "environment: $1" >&2
    exit 1
}

find_python() {
    local candidate candidates=(python3 python3.14 python3.13 python3.12 python3.11)
    if [ -n "${PYTHON:-}" ]; then candidates=("$PYTHON"); fi
    for candidate in "${candidates[@]}"; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "needs Python 3.11 or newer, found $(
        "${PYTHON:-python3}" --version 2>/dev/null || echo none
    ); install one, or name it: make build PYTHON=/path/to/python3"
}

make_environment() {
    local python
    python=$(find_python)
    echo "environment: creating $folder with $("$python" --version)"
    rm -rf "$folder"
    if have_uv; then
        uv venv --quiet --no-python-downloads --python "$python" "$folder"
    else
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            fail "$python has no venv module; on Debian and Ubuntu: sudo apt install python3-venv"
        "$python" -m venv "$folder"
    fi
}

install_lock() {
    echo "environment: installing $lock"
    if have_uv; then
        uv pip install --python "$folder/bin/python" --require-hashes --requirement "$lock" \
            ${PYTHONDONTWRITEBYTECODE:+--compile-bytecode}
    else
        "$folder/bin/python" -m pip install --disable-pip-version-check --require-hashes \
            --requirement "$lock"
    fi
}

have_uv() { uv --version >/dev/null 2>&1; }

usable() { # an environment that runs, and to which this machine's installer can add packages
    "$folder/bin/python" -c 'import sys' 2>/dev/null || return 1
    have_uv || "$folder/bin/python" -m pip --version >/dev/null 2>&1
}

if cmp -s "$lock" "$installed" && "$folder/bin/python" -c 'import sys' 2>/dev/null; then
    exit 0
fi
usable || make_environment
rm -f "$installed"
install_lock
cp "$lock" "$installed"
# The smaller lock file is part of the larger one, as `make lock` ensures.
if [ "$(basename "$lock")" = requirements-dev.txt ]; then
    cp "$(dirname "$lock")/requirements.txt" "$folder/"
fi
