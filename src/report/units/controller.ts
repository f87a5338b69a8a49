import { UNIT_DEFAULTS, UNIT_MARK, type UnitOptions } from './options.ts'
import { madeBefore, places } from './places.ts'
import { argument, program, specified } from './words.ts'

/** slash64.service: the controller. */
export function controllerUnit(options: UnitOptions): string {
  const { stateDir, runDir } = options
  return `${UNIT_MARK}
# The next install overwrites this file: changes of your own belong into a drop-in (systemctl edit slash64.service).
[Unit]
Description=slash64 keeps the network of this host as ${specified(options.file)} says
Documentation=man:nft(8) man:ip-neighbour(8)
# After what flushes the ruleset or drops routes while it starts. Not after network-online.target: the controller waits
# for the uplink by itself, and the firewall must stand before anybody can reach a container.
After=nftables.service network.target
# Starts it again when the file is put right.
Wants=slash64.path
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify speaks for it, in its name: CAP_SYS_ADMIN lets it.
NotifyAccess=main
${madeBefore(stateDir, runDir)}ExecStart=${commandLine(options)}
# Read the file, and the whole host, now.
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=120
Restart=always
RestartSec=1
# Wrong words in ExecStart= (64) and a file that is wrong (78) do not get better by themselves.
RestartPreventExitStatus=64 78
# SIGTERM is for the controller alone, which finishes its step. What it built stays and works without it.
KillMode=mixed
TimeoutStopSec=90
${places(stateDir, runDir)}
${sandbox(options)}
[Install]
WantedBy=multi-user.target
`
}

function commandLine({ program: words, file, ...rest }: UnitOptions): string {
  const [first = '', ...more] = words
  const given = [
    ['--state-dir', rest.stateDir, UNIT_DEFAULTS.stateDir],
    ['--run-dir', rest.runDir, UNIT_DEFAULTS.runDir],
    ['--interval', rest.interval, UNIT_DEFAULTS.interval],
    ['--listen', rest.listen, UNIT_DEFAULTS.listen],
    ['--log-format', rest.logFormat, UNIT_DEFAULTS.logFormat],
  ] as const
  const options = given.flatMap(([name, value, usual]) => (value === usual ? [] : [name, value]))
  const args = [...more, 'reconcile', '--file', file, ...options]
  return [program(first), ...args.map(argument)].join(' ')
}

/**
 * What it may do: the network, also of containers; files of its own; looking at other processes. @privileged and
 * @resources are taken out with what Node.js and the tools never call.
 */
function sandbox({ listen }: UnitOptions): string {
  const lowPort = Number(/\d+$/.exec(listen)?.[0]) < 1024 ? ' CAP_NET_BIND_SERVICE' : ''
  return `
MemoryMax=1G
TasksMax=256
NoNewPrivileges=yes
# SYS_ADMIN: nsenter enters the networks of containers. SYS_PTRACE: "ss -p" tells whose process
# has a port. DAC_READ_SEARCH: the file, and the processes, of other users.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_DAC_READ_SEARCH${lowPort}
RestrictNamespaces=net
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
ProtectKernelTunables=yes
ReadWritePaths=/proc/sys/net
# lxc-monitor makes a pipe there; Podman locks what it reads.
ReadWritePaths=-/run/lxc -/run/libpod -/run/containers -/var/lib/containers
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
# Not MemoryDenyWriteExecute: V8 compiles.
UMask=0077
`
}
