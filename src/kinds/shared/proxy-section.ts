import { formatEndpoint } from '../../net/endpoint.ts'
import type { Backend } from '../../model/reverse-proxy.ts'

const HAND_ON = { off: '', v1: ' send-proxy', v2: ' send-proxy-v2' } as const

/** A backend's section of `backends.cfg`. The checks only tell its health sooner than a client would. */
export function sectionOf(backend: Backend): string {
  const { name, mode, proxyProtocol } = backend
  const server = `server s ${formatEndpoint(backend)} check inter 10s fastinter 1s downinter 2s rise 1 fall 2${HAND_ON[proxyProtocol]}`
  return `backend ${name}\n    mode ${mode}\n    ${server}\n`
}
