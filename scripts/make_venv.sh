#!/bin/sh
# make_venv.sh FOLDER [PYTHON]: a virtual environment of a Python that is new enough.
set -eu
folder=$1
wanted=${2:-}

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for python in ${wanted:-python3 python3.13 python3.12 python3.11}; do
    if is_new_enough "$python"; then
        if "$python" -m venv "$folder"; then
            exit 0
        fi
        rm -rf "$folder"
        echo "error: $python cannot make a virtual environment" >&2
        echo "hint: on Debian and Ubuntu: sudo apt install python3-venv" >&2
        exit 1
    fi
done
found=$("${wanted:-python3}" --version 2>&1 || echo "no ${wanted:-python3}")
echo "error: trader247 needs Python 3.11 or newer; found: $found" >&2
echo "hint: install one, then: make PYTHON=/path/to/python3.12 paper" >&2
exit 1
