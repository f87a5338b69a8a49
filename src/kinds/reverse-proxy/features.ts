import type { Conflict } from '../../engine/types.ts'
import type { Model, Route } from '../../model/types.ts'

/** What a route can ask for, and the version of HAProxy (with everything that our configuration uses for it) that has it. */
const FEATURES = [
  { setting: 'http', since: '2.6', wanted: ({ http }: Route) => http !== 'off', what: 'routing by Host' },
  { setting: 'https', since: '2.6', wanted: ({ https }: Route) => https !== 'off', what: 'routing by SNI' },
  {
    setting: 'proxyProtocol',
    since: '1.5',
    wanted: ({ proxyProtocol }: Route) => proxyProtocol !== 'off',
    what: 'the PROXY protocol',
  },
] as const

/** Which of them a version has. */
export function featuresOf(installed: string): readonly string[] {
  return FEATURES.filter(({ since }) => isAtLeast(installed, since)).map(({ setting }) => setting)
}

/** Each route's setting that the installed version cannot serve, with its place in network.yaml. */
export function missingFeatures(model: Model, installed: string, key: string): readonly Conflict[] {
  return model.routes.flatMap((route) =>
    FEATURES.filter(({ since, wanted }) => wanted(route) && !isAtLeast(installed, since)).map(
      ({ setting, since, what }) => ({
        key,
        code: 'S64-H017',
        path: [...route.path, setting],
        message: `route ${route.hosts[0]} needs ${what} of HAProxy ${since} or newer; ${installed} is installed`,
        hint: `install a newer HAProxy, or take the route out; \`${setting}: off\` does without it`,
      }),
    ),
  )
}

function isAtLeast(version: string, wanted: string): boolean {
  const one = version.split('.').map(Number)
  const other = wanted.split('.').map(Number)
  const at = other.findIndex((part, index) => part !== (one[index] ?? 0))
  return at === -1 || (one[at] ?? 0) > (other[at] ?? 0)
}
