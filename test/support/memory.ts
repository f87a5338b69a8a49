import type { MemoryHost } from '../../src/system/memory/host.ts'
import { memoryHost } from '../../src/system/memory/seed.ts'

/** A host as the provider hands it over, with the namespaces of containers that run. */
export function freshHost(namespaces: readonly string[] = ['blog', 'db'], upstream = 'eth0'): MemoryHost {
  return memoryHost({
    upstream,
    ipv4: '203.0.113.2/24',
    ipv6: '2001:db8:1:1::2/64',
    gateway4: '203.0.113.1',
    gateway6: 'fe80::1',
    namespaces,
  })
}
