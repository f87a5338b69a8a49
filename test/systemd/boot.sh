#!/bin/sh
# boot.sh ID DIRECTORY: boots systemd as PID 1 of namespaces of its own (inside.sh), in the network and mount namespace it
# is called in. Everything ends with this script's standard input, with this script, and after a quarter of an hour.
set -eu
id=$1
directory=$2
here=$(dirname "$0")

# A cgroup of its own is what systemd inside takes for the root: it never sees, nor shares, anybody else's. The mount is
# private, and works beside cgroup v1 too, for a mere tree of processes needs no controller.
mount -t cgroup2 slash64-cgroup /sys/fs/cgroup
group=/sys/fs/cgroup/slash64-$id
mkdir "$group"

# shellcheck disable=SC2016
setpriv --pdeathsig KILL sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' enter "$group" \
  unshare --pid --mount --cgroup --uts --ipc --fork --kill-child sh "$here/inside.sh" "$directory" &
child=$!
# Whichever ends first: the input, the quarter of an hour (a busy machine takes minutes), or what was booted.
exec 3<&0
timeout 900 cat <&3 >/dev/null &
reader=$!
trap 'kill "$reader" 2>/dev/null || true' CHLD
wait "$reader" 2>/dev/null || true
trap - CHLD
# systemd first, so that its parent sees it end.
pkill -KILL -P "$child" || kill -KILL "$child" 2>/dev/null || true
wait "$child" 2>/dev/null || true

# The kernel needs a moment to end what was in there.
for _ in $(seq 100); do
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ -d "$group" ] || exit 0
  sleep 0.05
done
echo "boot.sh: $group cannot be removed" >&2
exit 1
