#!/usr/bin/env bash
# Ends with one line that says what to install where there is no Java that Spark runs on.
#
# usage: scripts/need_java.sh
set -euo pipefail

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
found=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' || true)
if [ "${found:-0}" -lt 17 ]; then
    echo "spark: needs Java 17 or newer, found ${found:-none}; on Debian and Ubuntu:" \
        "sudo apt install openjdk-17-jre-headless" >&2
    exit 1
fi
