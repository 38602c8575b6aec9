#!/bin/sh
# Makes the virtual environment $1 and installs the hash-pinned requirements $2 and this project into it.
set -eu
venv=$1
requirements=$2

python=''
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed: apt install python3 python3-venv, or brew install python" >&2
    exit 1
fi

if [ ! -x "$venv/bin/pip" ]; then
    rm -rf "$venv"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Python's venv module is missing: installing the Debian package python3-venv"
            apt-get update -qq && apt-get install -qq -y python3-venv >/dev/null
        else
            echo "Python's venv module is missing: apt install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv "$venv"
fi

echo "  … Python packages of $requirements (a minute or two the first time)"
log=$venv/install.log
if ! "$venv/bin/pip" install --disable-pip-version-check --quiet --require-hashes -r "$requirements" >"$log" 2>&1 ||
    ! "$venv/bin/pip" install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable . >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Installing the packages failed; the whole log is $log. Run the command again when the network is there." >&2
    exit 1
fi
