import { expect } from 'vitest'
import { haproxyDriver } from '../../../src/drivers/haproxy/index.ts'
import type { Step } from '../../../src/engine/types.ts'
import { baseText } from '../../../src/kinds/reverse-proxy/configuration.ts'
import { sectionOf } from '../../../src/kinds/shared/proxy-section.ts'
import { backendsOf } from '../../../src/model/reverse-proxy.ts'
import type { MemoryHost } from '../../../src/system/memory/host.ts'
import { container, model, PLACES, world, route } from '../../support/model.ts'

export const ROUTE = route({ http: 8080, https: 'off' })
export const MODEL = model({ containers: [container('blog', 2)], routes: [ROUTE] })
const BASE = baseText(world(MODEL))
const [first] = backendsOf(MODEL)
if (first === undefined) throw new Error('the model has a backend')
export const BACKEND = first
export const SECTION = sectionOf(BACKEND)

export const LOAD: Step = { tool: 'haproxy', op: 'load', text: BASE }
export const ADD_BACKEND: Step = { tool: 'haproxy', op: 'backend', name: BACKEND.name, text: SECTION }
export const STOP: Step = { tool: 'haproxy', op: 'stop' }

export function entry(host: string, to?: string): Step {
  return { tool: 'haproxy', op: 'entry', map: 'http.map', host, ...(to !== undefined && { to }) }
}

export const PROXY = `${PLACES.stateDir}/proxy`
export const FIRST = [LOAD, ADD_BACKEND, entry('blog.example.org', BACKEND.name)]

/** The driver on a host, and what it left there. */
export function proxyOn(host: MemoryHost) {
  return {
    file: (name: string): string | undefined => host.world.files.get(`${PROXY}/${name}`),
    files: (): readonly string[] =>
      [...host.world.files.keys()].filter((path) => path.startsWith(PROXY)).toSorted(),
    generation: async (): Promise<string> =>
      (await host.exchange(`${PLACES.runDir}/proxy/admin.sock`, 'get var proc.slash64\n')).trim(),
    succeed: async (...steps: readonly Step[]): Promise<void> => {
      expect(await haproxyDriver(steps, host)).toEqual({ done: steps.length })
    },
    /** The error's message. */
    fail: async (...steps: readonly Step[]): Promise<string> => {
      const { done, error } = await haproxyDriver(steps, host)
      expect(done).toBe(0)
      return error?.message ?? 'no error'
    },
  }
}
