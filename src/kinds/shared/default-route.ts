import { MARK } from '../../model/identity.ts'

/** The line that makes, replaces or deletes a container's default route; our metric stands beside others' routes. */
export function defaultRouteLine(verb: 'replace' | 'delete', gateway: string, device: string): string {
  return `route ${verb} default via ${gateway} dev ${device} proto ${MARK} metric ${MARK}`
}
