import type { Finding } from '../config/issue.ts'
import { checkContainerAddresses } from './checks-addresses.ts'
import { checkContainers } from './checks-containers.ts'
import { checkFirewall } from './checks-firewall.ts'
import { checkForwards } from './checks-forwards.ts'
import { checkNetworks } from './checks-networks.ts'
import { checkPrefix, checkUpstream } from './checks-prefix.ts'
import { checkDirectRoutes } from './checks-direct-routes.ts'
import { checkRoutes } from './checks-routes.ts'
import { checkRuntimes } from './checks-runtimes.ts'
import type { Scope } from './scope.ts'

const CHECKS: readonly ((scope: Scope) => readonly Finding[])[] = [
  checkUpstream,
  checkPrefix,
  checkNetworks,
  checkContainers,
  checkRuntimes,
  checkContainerAddresses,
  checkForwards,
  checkFirewall,
  checkRoutes,
  checkDirectRoutes,
]

/** Everything that is wrong with what the file means. No finding means that `normalise` gives the whole Model. */
export function checkMeaning(scope: Scope): readonly Finding[] {
  return CHECKS.flatMap((check) => check(scope))
}
