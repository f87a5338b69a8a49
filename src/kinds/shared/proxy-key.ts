import { reference } from '../../engine/types.ts'

/** There is one reverse proxy. */
export const PROXY_KEY = 'haproxy'
export const PROXY_REFERENCE = reference('reverse-proxy', PROXY_KEY)

export function backendReference(name: string): string {
  return reference('proxy-backend', name)
}
