#!/bin/sh
# inside.sh DIRECTORY: PID 1 of new namespaces. Puts a root around itself of which nothing is the machine's but the
# programs, then becomes systemd, which starts no unit but those that are written here.
set -eu
directory=$1
scratch=$directory/scratch
mkdir -p "$scratch"

# Our number as others see it: /proc is still theirs.
read -r pid _ </proc/self/stat
echo "pid $pid"

mount -t proc proc /proc
for part in kernel fs vm; do mount -o bind,ro "/proc/sys/$part" "/proc/sys/$part"; done
mount -t sysfs -o ro sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# What is prepared on the scratch directory becomes PATH; the test's own directory and /run/netns stay in sight.
begin() { mount -t tmpfs -o "mode=$1" slash64-test "$scratch"; }
become() {
  for kept in "$directory" /run/netns; do
    case $kept in
    "$1"/*)
      mkdir -p "$scratch${kept#"$1"}"
      mount --rbind "$kept" "$scratch${kept#"$1"}"
      ;;
    esac
  done
  mount --no-mtab --move "$scratch" "$1"
}

begin 755
for device in null zero full random urandom tty; do
  : >"$scratch/$device"
  mount --bind "/dev/$device" "$scratch/$device"
done
ln -s pts/ptmx "$scratch/ptmx"
become /dev

begin 755
for name in passwd group nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d alternatives iproute2 protocols; do
  if [ -e "/etc/$name" ]; then cp -a "/etc/$name" "$scratch/$name"; fi
done
tr -d - </proc/sys/kernel/random/uuid >"$scratch/machine-id"
units=$scratch/systemd/system
mkdir -p "$units"
for unit in test sysinit basic multi-user network-online shutdown; do
  printf '[Unit]\nDescription=Nothing but a name\nDefaultDependencies=no\n' >"$units/$unit.target"
done
become /etc

begin 755
mkdir -p "$scratch/lib/slash64" "$scratch/log"
mkdir -m 1777 "$scratch/tmp"
ln -s /run "$scratch/run"
become /var

begin 755
become /run
begin 1777
become /tmp

# As on every host with systemd, so that what is mounted later, as namespaces of containers are, is seen in units too.
mount --make-rshared /

# It may end processes, mount and make devices in here; the machine's modules, clock and power are none of its business.
kept_out=-sys_module,-sys_boot,-sys_time,-sys_rawio,-syslog
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=slash64 SYSTEMD_UNIT_PATH=/etc/systemd/system \
  setpriv --bounding-set "$kept_out" /lib/systemd/systemd --system --unit=test.target --log-target=console \
  --log-level=info --show-status=no
