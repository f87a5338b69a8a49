import { UNIT_MARK, type UnitOptions } from './options.ts'
import { madeBefore, managed, runtime, writable } from './places.ts'
import { argument, listed, specified } from './words.ts'

/** slash64-proxy.service: the HAProxy of `routes:`, which slash64 starts and stops. */
export function proxyUnit({ stateDir, runDir }: Pick<UnitOptions, 'stateDir' | 'runDir'>): string {
  const [state, run] = [`${stateDir}/proxy`, `${runDir}/proxy`]
  const configurations = ['haproxy.cfg', 'backends.cfg'].flatMap((name) => ['-f', `${state}/${name}`])
  const sockets = ['-p', `${run}/haproxy.pid`, '-S', `${run}/master.sock,mode,600`]
  const words = ['-Ws', ...configurations, ...sockets].map(argument).join(' ')
  return `${UNIT_MARK}
# The next install overwrites this file: changes of your own belong into a drop-in (systemctl edit slash64-proxy.service).
# The reverse proxy of slash64's \`routes:\`, a HAProxy of its own beside any other. slash64 writes its files, starts it
# with the first route, reloads it through its own socket, and stops it with the last.
[Unit]
Description=Reverse proxy of slash64 (HAProxy)
Documentation=man:haproxy(1)
After=network-online.target
Wants=network-online.target
ConditionPathExists=${specified(state)}/haproxy.cfg
# slash64 may stop and start it more often than systemd's five times in 10 s; after a boot it must wait for its addresses.
StartLimitIntervalSec=0

[Service]
Type=notify
${madeBefore(...(managed(run, '/run/') === undefined ? [`${run}/empty`] : []))}${closed(run, runDir)}ExecStart=/usr/sbin/haproxy ${words}
ExecReload=/bin/kill -USR2 $MAINPID
# Requests under way may end for 10 s; what is left after that is ended, which is no failure.
ExecStop=-/bin/kill -USR1 $MAINPID
ExecStop=-/usr/bin/timeout 10 /usr/bin/tail -f -s 0.1 --pid=\${MAINPID} /dev/null
KillMode=mixed
TimeoutStopSec=15
SuccessExitStatus=143
Restart=on-failure
RestartSec=1
${room(run).join('\n')}
LimitNOFILE=524288
${SANDBOX}
[Install]
WantedBy=multi-user.target
`
}

/** For its sockets, and an empty one in which the workers are locked up. */
function room(run: string): readonly string[] {
  const name = managed(run, '/run/')
  return name === undefined ? [writable([run])] : runtime([name, `${name}/empty`])
}

/** systemd makes what stands above those directories open to all; the run directory is for root alone. */
function closed(run: string, runDir: string): string {
  return managed(run, '/run/') === undefined ? '' : `ExecStartPre=+/bin/chmod 0700 ${listed(runDir)}\n`
}

const SANDBOX = `
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_SYS_CHROOT CAP_KILL
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service @setuid chroot
UMask=0077
`
