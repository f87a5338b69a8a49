import { memoryHost } from '../../src/system/memory/seed.ts'
import type { HostSeed } from '../../src/system/memory/seed.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'

export const STATE = '/var/lib/slash64/proxy'
export const RUN = '/run/slash64/proxy'
export const FILES = ['-f', `${STATE}/haproxy.cfg`, '-f', `${STATE}/backends.cfg`] as const
const WHERE = ['-p', `${RUN}/haproxy.pid`, '-S', `${RUN}/master.sock,mode,600`] as const
export const START = ['haproxy', '-W', '-D', ...FILES, ...WHERE] as const

const CONFIG = `global
    stats socket '${RUN}/admin.sock' mode 600 level admin
    default-path config
frontend http
    mode http
    bind 203.0.113.2:80
    http-request set-var(txn.to) req.hdr(host),map(http.map)
    use_backend %[var(txn.to)]
`

const BACKENDS = `global
    set-var-fmt proc.slash64 "one"
backend b-web
    mode http
    server s 10.64.0.2:80 check rise 1 fall 2
`

/** A host with a configuration of the proxy, which does not run. */
export function proxyHost(seed: HostSeed = {}): MemoryHost {
  const files = {
    [`${STATE}/haproxy.cfg`]: CONFIG,
    [`${STATE}/backends.cfg`]: BACKENDS,
    [`${STATE}/http.map`]: 'blog.example.org b-web\n',
  }
  return memoryHost({ ipv4: '203.0.113.2/24', files, ...seed })
}

export async function startedProxy(seed: HostSeed = {}): Promise<MemoryHost> {
  const host = proxyHost(seed)
  await host.run(START)
  return host
}

export async function toAdmin(host: MemoryHost, line: string): Promise<string> {
  return host.exchange(`${RUN}/admin.sock`, `${line}\n`)
}

export async function toMaster(host: MemoryHost, line: string): Promise<string> {
  return host.exchange(`${RUN}/master.sock`, `${line}\n`)
}
