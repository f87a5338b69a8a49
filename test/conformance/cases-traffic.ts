import type { Model } from '../../src/model/types.ts'
import { trafficCounter } from '../../src/model/traffic.ts'
import { container, model } from '../support/model.ts'
import { counted } from '../support/traffic.ts'
import { DB, DB_VETH, WHOLE } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

const T = 'inet slash64'
const COUNTED = counted(WHOLE)
const RECEIVE = { blog: trafficCounter('blog', 'receive'), db: trafficCounter('db', 'receive') }
const TRANSMIT = { blog: trafficCounter('blog', 'transmit'), db: trafficCounter('db', 'transmit') }

const MAPS = ['receive4', 'receive6', 'transmit4', 'transmit6']
const CHAINS = ['traffic-transmit', 'traffic-receive']
const COUNTERS = [RECEIVE.blog, TRANSMIT.blog, RECEIVE.db, TRANSMIT.db]
const ELEMENTS = ['2', '3'].flatMap((number) =>
  ['receive', 'transmit'].flatMap((direction) => [
    `${direction}4 10.64.0.${number}`,
    `${direction}6 2001:db8:1:1::1:${number}`,
  ]),
)

/** Elements are listed map by map, and not container by container. */
const LISTED = ELEMENTS.toSorted()

/** One container that others do not lead to, under a name of its own or another: the same addresses and namespace. */
function only(name: string): Model {
  const runtime = { type: 'netns', name: DB, interface: 'eth0' } as const
  return counted(model({ containers: [container(name, 3, { runtime })] }))
}

function signed(sign: string, kind: string, keys: readonly string[]): readonly string[] {
  return keys.map((key) => `${sign} ${kind} ${key}`)
}

function mapNames(keys: readonly string[]): readonly string[] {
  return keys.map((key) => `map ${key}`)
}

/** What counts the containers' traffic: switched on and off, and broken by others. */
export const TRAFFIC_CASES: readonly DriftCase[] = [
  {
    name: 'traffic counted from now on',
    drift: [],
    next: COUNTED,
    expected: [
      ...signed('+', 'nft-set', mapNames(MAPS)),
      ...signed('+', 'nft-chain', CHAINS),
      ...signed('+', 'traffic-counter', COUNTERS),
      ...signed('+', 'counted-address', ELEMENTS),
    ],
  },
  {
    name: 'traffic not counted any more',
    model: COUNTED,
    drift: [],
    next: WHOLE,
    expected: [
      ...signed('-', 'nft-set', mapNames(MAPS)),
      ...signed('-', 'nft-chain', CHAINS),
      ...signed('-', 'traffic-counter', COUNTERS),
      ...signed('-', 'counted-address', LISTED),
    ],
  },
  {
    name: 'a counter and what leads to it deleted',
    model: COUNTED,
    drift: [
      `nft delete element ${T} receive4 { 10.64.0.2 }`,
      `nft delete element ${T} receive6 { 2001:db8:1:1::1:2 }`,
      `nft delete counter ${T} ${RECEIVE.blog}`,
    ],
    expected: [
      `+ traffic-counter ${RECEIVE.blog}`,
      '+ counted-address receive4 10.64.0.2',
      '+ counted-address receive6 2001:db8:1:1::1:2',
    ],
  },
  {
    name: 'counters reset',
    model: COUNTED,
    drift: [`nft reset counters table ${T}`],
    expected: [],
  },
  {
    name: 'an address led to the counter of another container, and one to a foreign counter',
    model: COUNTED,
    drift: [
      `nft add counter ${T} theirs`,
      `nft delete element ${T} receive4 { 10.64.0.2 }`,
      `nft add element ${T} receive4 { 10.64.0.2 : theirs }`,
      `nft delete element ${T} transmit4 { 10.64.0.2 }`,
      `nft add element ${T} transmit4 { 10.64.0.2 : ${TRANSMIT.db} }`,
    ],
    expected: [
      '- nft-set counter theirs',
      '~ counted-address receive4 10.64.0.2',
      '~ counted-address transmit4 10.64.0.2',
    ],
  },
  {
    name: 'a stranger counted',
    model: COUNTED,
    drift: [
      `nft add counter ${T} receive-theirs`,
      `nft add element ${T} receive4 { 10.64.0.99 : receive-theirs }`,
    ],
    expected: ['- traffic-counter receive-theirs', '- counted-address receive4 10.64.0.99'],
  },
  {
    name: 'a foreign map of counters',
    model: COUNTED,
    drift: [
      `nft add map ${T} theirs { type ipv4_addr : counter; }`,
      `nft add counter ${T} receive-theirs`,
      `nft add element ${T} theirs { 10.64.0.99 : receive-theirs }`,
    ],
    expected: ['- nft-set map theirs', '- traffic-counter receive-theirs'],
  },
  {
    name: 'a map made anew with other flags, which holds on to a counter that goes',
    model: COUNTED,
    drift: [
      `nft flush chain ${T} traffic-receive`,
      `nft delete map ${T} receive4`,
      `nft add map ${T} receive4 { type ipv4_addr : counter; flags interval; }`,
      `nft add counter ${T} receive-theirs`,
      `nft add element ${T} receive4 { 10.64.0.99 : receive-theirs }`,
    ],
    expected: [
      '~ nft-set map receive4',
      '~ nft-chain traffic-receive',
      '- traffic-counter receive-theirs',
      '+ counted-address receive4 10.64.0.2',
      '+ counted-address receive4 10.64.0.3',
    ],
  },
  {
    name: 'the rules that count flushed',
    model: COUNTED,
    drift: [`nft flush chain ${T} traffic-transmit`],
    expected: ['~ nft-chain traffic-transmit'],
  },
  {
    name: 'a counted container renamed: its counters change, its addresses lead to the new ones',
    model: only('db'),
    prepare: [],
    drift: [],
    next: only('mail'),
    expected: [
      ...signed('+', 'traffic-counter', [
        trafficCounter('mail', 'receive'),
        trafficCounter('mail', 'transmit'),
      ]),
      ...signed('-', 'traffic-counter', [RECEIVE.db, TRANSMIT.db]),
      ...signed('~', 'counted-address', ELEMENTS.slice(4)),
      // It bears the container's name.
      `~ veth ${DB_VETH}`,
    ],
  },
]
