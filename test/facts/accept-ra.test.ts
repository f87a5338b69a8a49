import { describe, expect, it } from 'vitest'
import { acceptRaOf, acceptRaProbes } from '../../src/facts/accept-ra.ts'
import { FOUND_SETTINGS } from '../../src/model/found-settings.ts'
import { replies } from '../support/captures.ts'
import { capturedModel, model } from '../support/model.ts'

const PATH = 'net/ipv6/conf/eth0'

function wanted(acceptRa: string, forwarding: string, found?: Readonly<Record<string, string>> | string) {
  const text = typeof found === 'string' ? found : JSON.stringify(found)
  const known = {
    [`sysctl ${PATH}/accept_ra`]: acceptRa,
    [`sysctl ${PATH}/forwarding`]: forwarding,
    ...(found !== undefined && { [FOUND_SETTINGS.id]: text ?? '' }),
  }
  return acceptRaOf(capturedModel(), replies(known))
}

const RAISED = { [`${PATH}/accept_ra`]: '1', [`${PATH}/forwarding`]: '0' }

describe('what the host accepts of router advertisements stays what it was', () => {
  it.each([
    ['accepted, and to forward from now on', '1', '0', undefined, '2'],
    ['never accepted', '0', '0', undefined, undefined],
    ['never accepted, and forwards', '0', '1', undefined, undefined],
    ['not accepted, because it forwards', '1', '1', undefined, undefined],
    ['always accepted', '2', '0', undefined, undefined],
    ['always accepted, and forwards', '2', '1', undefined, undefined],
    ['raised by us', '2', '1', RAISED, '2'],
    ['raised by us, and set back by somebody', '1', '1', RAISED, '2'],
    ['raised by us, and switched off by somebody', '0', '1', RAISED, undefined],
    ['found forwarding', '1', '1', { ...RAISED, [`${PATH}/forwarding`]: '1' }, undefined],
    ['raised over 0 by an older version', '1', '1', { ...RAISED, [`${PATH}/accept_ra`]: '0' }, undefined],
    ['with a damaged record', '1', '1', '{"net/ipv6/conf/eth0/accept_ra": ', undefined],
    ['with a value that no kernel has', '3', '0', undefined, undefined],
  ])('%s', (_what, acceptRa, forwarding, found, expected) => {
    expect(wanted(acceptRa, forwarding, found)).toBe(expected)
  })

  it('is not asked without IPv6, nor where it could not be read', () => {
    const { ipv6: _, ...only4 } = capturedModel().networks[0] ?? { name: '', mac: '', mtu: 0 }
    const of = model({ networks: [only4 as never] })
    expect(acceptRaProbes(of)).toEqual([])
    expect(acceptRaOf(of, new Map())).toBeUndefined()
    expect(acceptRaOf(capturedModel(), new Map())).toBeUndefined()
  })
})
