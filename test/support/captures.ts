import { readFileSync } from 'node:fs'
import type { Replies, Reply } from '../../src/engine/types.ts'
import { proxyRoute } from '../../src/kinds/proxy-route/index.ts'
import { proxyBackend } from '../../src/kinds/proxy-backend/index.ts'
import { reverseProxy } from '../../src/kinds/reverse-proxy/index.ts'
import { failure } from './recording-system.ts'
import { model } from './model.ts'

/** One recorded output of a real tool, byte for byte: `iproute2-6.1.0/links.json`. */
export function capture(name: string): string {
  return readFileSync(new URL(`../formats/captures/${name}`, import.meta.url), 'utf8')
}

/** Replies by probe id; a text is an answer. */
export function replies(entries: Readonly<Record<string, string | Reply>>): Replies {
  return new Map(
    Object.entries(entries).map(([id, entry]) => [id, typeof entry === 'string' ? { text: entry } : entry]),
  )
}

export const ABSENT: Reply = { error: failure('not-found', 'No such file or directory') }

/** A host on which no reverse proxy of ours is, or ever was. */
export const NO_PROXY: Readonly<Record<string, Reply>> = Object.fromEntries(
  [reverseProxy, proxyBackend, proxyRoute].flatMap((kind) =>
    kind.probes(model(), new Map()).map(({ id }): [string, Reply] => [id, ABSENT]),
  ),
)

/** What is read of a container: its settings as they should be, then what `ip -batch` printed. */
export function insideText(printed: string, settings: readonly string[] = ['0', '0']): string {
  return `${settings.join('\n')}\n${printed}`
}

/** What the probes found on the host of the captures: slash64's own work, with foreign company. */
export function capturedReplies(more: Readonly<Record<string, string | Reply>> = {}): Replies {
  return replies({
    links: capture('iproute2-6.1.0/links.json'),
    routes4: capture('iproute2-6.1.0/routes4.json'),
    routes6: capture('iproute2-6.1.0/routes6.json'),
    proxies: capture('iproute2-6.1.0/proxies.json'),
    'inside blog': insideText(capture('iproute2-6.1.0/inside-blog.json')),
    'inside db': insideText(capture('iproute2-6.1.0/inside-db.json')),
    nft: capture('nftables-1.0.6/table.json'),
    'nft frames': capture('nftables-1.0.6/frames.json'),
    ...NO_PROXY,
    ...more,
  })
}
