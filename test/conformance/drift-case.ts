import { vethName } from '../../src/model/identity.ts'
import type { Model } from '../../src/model/types.ts'
import { container, forward, model, tcp, udp } from '../support/model.ts'

/** Something that somebody does to a converged host, and all that the next pass must change because of it. */
export interface DriftCase {
  readonly name: string
  readonly only?: 'kernel'
  readonly model?: Model
  /** Before the first pass: `ip LINE`, `nft STATEMENT`, `sysctl PATH=VALUE`. Even an empty list asks for a fresh host. */
  readonly prepare?: readonly string[]
  readonly drift: readonly string[]
  /** What the file says after the drift; the same as before unless told. */
  readonly next?: Model
  /** `+ kind key`, in the order of apply; empty: what happened is none of our business. */
  readonly expected: readonly string[]
}

/** Namespaces of the containers; names of their own, because other tests share /run/netns. */
export const BLOG = 's64-case-blog'
export const DB = 's64-case-db'

const blog = { type: 'netns', name: BLOG, interface: 'eth0' } as const
const db = { type: 'netns', name: DB, interface: 'eth0' } as const

export const BLOG_VETH = vethName(blog)
export const DB_VETH = vethName(db)

/** Every kind has something to do here. */
export const WHOLE = model({
  containers: [
    container('blog', 2, { runtime: blog, expose: [tcp(443), udp(8000, 8010)] }),
    container('db', 3, { runtime: db, expose: 'all' }),
  ],
  nat: {
    source: 'snat',
    forwards: [
      forward(tcp(2222), 'blog', '10.64.0.2', { to: { first: 22, last: 22 }, from: ['198.51.100.0/24'] }),
      forward(udp(8000, 8010), 'db', '10.64.0.3'),
    ],
  },
})
