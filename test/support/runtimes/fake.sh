#!/bin/sh
# Plays `docker`, `podman`, `incus`, `lxc-info` and `machinectl`, by the name that it is called by, over processes that have network
# namespaces of their own. Strict: it answers the forms that slash64 asks, in the words of the real one, and refuses any other.
# `container start TYPE NAME [on BRIDGE]`, `stop`, `restart` and `remove TYPE NAME` stand for what people do with the real one's
# commands, and `container end` ends them all. What runs in a container says its name on TCP port 80.
set -eu
here=$(dirname "$0")
tool=${0##*/}
known=$here/containers

refuse() {
  echo "fake $tool: not modelled: $*" >&2
  exit 64
}
fail() {
  echo "$1" >&2
  exit "${2:-1}"
}
pid_of() { cat "$known/$1/$2/pid" 2>/dev/null || echo 0; }
id_of() { printf '%s %s' "$1" "$2" | sha256sum | cut -d ' ' -f 1; }
names_of() { ls "$known/$1" 2>/dev/null || true; }
network_of() { readlink "/proc/$1/ns/net" 2>/dev/null || true; }

wait_for() {
  [ -n "$(network_of "$1")" ] || fail 'the container ended at once'
  sleep 0.01
}

start() {
  [ "$(pid_of "$1" "$2")" = 0 ] || fail "$2 runs already"
  own=$(network_of self)
  setsid unshare --net sh -c 'ip link set lo up && exec busybox nc -ll -p 80 -e echo "$1"' sh "$2" </dev/null >/dev/null 2>&1 &
  pid=$!
  until [ "$(network_of $pid)" != "$own" ]; do wait_for $pid; done
  bridge=$(cat "$known/$1/$2/bridge")
  if [ -n "$bridge" ]; then
    ip link add "veth$pid" type veth peer name eth0 netns "$pid"
    ip link set "veth$pid" master "$bridge" up
    nsenter --target "$pid" --net ip link set eth0 up
  fi
  until nsenter --target "$pid" --net ss -Hltn | grep -q :80; do wait_for $pid; done
  echo "$pid" >"$known/$1/$2/pid"
}
stop() {
  pid=$(pid_of "$1" "$2")
  [ "$pid" != 0 ] || fail "$2 does not run"
  # The kernel takes a pair away some time after its namespace: half a minute where many namespaces end, for it has one queue.
  far=$(nsenter --target "$pid" --net ip -o link show eth0 2>/dev/null | sed -n 's/^.*eth0@if\([0-9]*\):.*/\1/p')
  kill -KILL "$pid"
  while [ -n "$(network_of "$pid")" ]; do sleep 0.01; done
  end=$([ -z "$far" ] || ip -o link | sed -n "s/^$far: \([^@:]*\)[@:].*/\1/p")
  [ -z "$end" ] || ip link delete "$end" 2>/dev/null || true
  echo 0 >"$known/$1/$2/pid"
}
end_all() {
  for file in "$known"/*/*/pid; do
    pid=0
    if [ -e "$file" ]; then pid=$(cat "$file"); fi
    # 0 is the group of who calls.
    if [ "$pid" -gt 1 ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
}
make() {
  [ -d "$known/$1/$2" ] && return
  mkdir -p "$known/$1/$2"
  echo "${4-}" >"$known/$1/$2/bridge"
}
control() {
  case "$1 $#" in
  'start 3' | 'start 5') make "$2" "$3" "${4-}" "${5-}" && start "$2" "$3" ;;
  'stop 3') stop "$2" "$3" ;;
  'restart 3') stop "$2" "$3" && start "$2" "$3" ;;
  'remove 3')
    [ "$(pid_of "$2" "$3")" = 0 ] || stop "$2" "$3"
    rm -r "$known/${2:?}/${3:?}"
    ;;
  'end 1') end_all ;;
  *) refuse "$@" ;;
  esac
}

# Where one is that has the name, or the only ID that begins so: MATCH is its name.
look_up() {
  match=
  if [ -d "$known/$tool/$1" ]; then match=$1 && return; fi
  for name in $(names_of "$tool"); do
    case $(id_of "$tool" "$name") in "$1"*) match="$match $name" ;; esac
  done
  match=${match# }
}
inspect() {
  [ $# -gt 0 ] || refuse "$@"
  objects= said=
  for name; do
    case $name in -*) refuse "$@" ;; esac
    look_up "$name"
    case $match in
    '') said="$said
Error response from daemon: No such container: $name" ;;
    *' '*) said="$said
Error response from daemon: multiple IDs found with provided prefix: $name" ;;
    *) objects="$objects${objects:+,}$(object "$match")" ;;
    esac
  done
  if [ -n "$objects" ]; then printf '[%s\n]\n' "$objects"; else echo '[]'; fi
  if [ -n "$said" ]; then report "${said#?}"; fi
}
object() {
  pid=$(pid_of "$tool" "$1")
  status=running slash=/
  [ "$pid" != 0 ] || status=exited
  [ "$tool" = docker ] || slash=
  printf '\n    {\n        "Id": "%s",\n        "State": {\n            "Status": "%s",\n            "Pid": %s\n        },\n        "Name": "%s"\n    }' \
    "$(id_of "$tool" "$1")" "$status" "$pid" "$slash$1"
}
report() {
  [ "$tool" = podman ] || fail "$1"
  fail "$(echo "$1" | sed 's/^Error response from daemon: No such container:/Error: inspecting object: no such container/')" 125
}
list() {
  objects=
  for name in $(names_of incus); do
    pid=$(pid_of incus "$name") status=Running
    [ "$pid" != 0 ] || status=Stopped
    objects="$objects${objects:+,}{\"name\":\"$name\",\"status\":\"$status\",\"location\":\"none\",\"type\":\"container\",\"project\":\"default\",\"state\":{\"status\":\"$status\",\"network\":null,\"pid\":$pid}}"
  done
  echo "[$objects]"
}
show() {
  pid=$(pid_of nspawn "$1")
  [ "$pid" != 0 ] || fail "Could not get path to machine: No machine '$1' known"
  printf 'Name=%s\nLeader=%s\nState=running\n' "$1" "$pid"
}
info() {
  [ -d "$known/lxc/$1" ] || fail "$1 doesn't exist"
  pid=$(pid_of lxc "$1")
  if [ "$pid" = 0 ]; then echo 'State:          STOPPED'; else printf 'State:          RUNNING\nPID:            %s\n' "$pid"; fi
}

case "$tool $*" in
container' '*) control "$@" ;;
docker' --context default container inspect '*) shift 4 && inspect "$@" ;;
podman' container inspect '*) shift 2 && inspect "$@" ;;
'incus list local: --project default --format json') list ;;
lxc-info' -n '[!-]*' -H -s -p') [ $# = 5 ] && info "$2" || exit $? ;;
machinectl' show '[!-]*' -p Name -p Leader -p State') [ $# = 8 ] && show "$2" || exit $? ;;
*) refuse "$@" ;;
esac
