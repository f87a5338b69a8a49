#!/bin/sh
# room.sh ID DIRECTORY: makes the mount namespace it is called in a place to start containers from, says `room PID`, and
# waits for its standard input to end. Then everything that was started in here is ended, and the namespace is gone.
set -eu
group=/sys/fs/cgroup/slash64-$1-room

# The interfaces of this network namespace: LXC looks there for the bridge.
mount -t sysfs sysfs /sys
# One hierarchy, beside cgroup v1 too: by it every process is found again. No cgroup namespace: LXC and systemd-nspawn look
# for the cgroup of process 1.
mount -t cgroup2 slash64-cgroup /sys/fs/cgroup
mkdir "$group" "$group/callers"
# Container users of their own (LXC's lxc.idmap) are other numbers from here.
ids=$2/subordinate-ids
echo 'root:200000:65536' >"$ids"
for file in /etc/subuid /etc/subgid; do if [ -e "$file" ]; then mount --bind "$ids" "$file"; fi; done

echo "room $$"
cat >/dev/null

# A monitor may start something while it is ended, so more than once; the kernel needs a moment, too.
for _ in $(seq 100); do
  find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
    kill -KILL "$pid" 2>/dev/null || true
  done
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ -d "$group" ] || exit 0
  sleep 0.05
done
echo "room.sh: $group cannot be removed" >&2
exit 1
