import type { Kind } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { address } from './address/index.ts'
import { bridge } from './bridge/index.ts'
import { bridgePort } from './bridge-port/index.ts'
import { containerPort } from './container-port/index.ts'
import { containerSetting } from './container-setting/index.ts'
import { containerAddress } from './container-address/index.ts'
import { containerRoute } from './container-route/index.ts'
import { countedAddress } from './counted-address/index.ts'
import { directPort } from './direct-port/index.ts'
import { exposure } from './exposure/index.ts'
import { guardedInterface } from './guarded-interface/index.ts'
import { natAddress } from './nat-address/index.ts'
import { nftChain } from './nft-chain/index.ts'
import { nftSet } from './nft-set/index.ts'
import { nftTableKind } from './nft-table/index.ts'
import { portForward } from './port-forward/index.ts'
import { portSender } from './port-sender/index.ts'
import { proxyBackend } from './proxy-backend/index.ts'
import { proxyNeighbour } from './proxy-neighbour/index.ts'
import { proxyRoute } from './proxy-route/index.ts'
import { reverseProxy } from './reverse-proxy/index.ts'
import { route } from './route/index.ts'
import { sender } from './sender/index.ts'
import { bridgeSysctl, sysctl } from './sysctl/index.ts'
import { trafficCounterKind } from './traffic-counter/index.ts'
import { veth } from './veth/index.ts'

/**
 * Every kind, in the order in which the data path is built: the firewall first, so that nothing is reachable before
 * it is guarded; what draws traffic last. Deletion runs the other way round.
 */
export const KINDS: readonly Kind<Model, World>[] = [
  nftTableKind,
  nftSet,
  nftChain,
  trafficCounterKind,
  guardedInterface,
  sender,
  bridgePort,
  portSender,
  natAddress,
  exposure,
  portForward,
  directPort,
  countedAddress,
  sysctl,
  bridge,
  bridgeSysctl,
  address,
  route,
  veth,
  containerPort,
  containerSetting,
  containerAddress,
  containerRoute,
  proxyNeighbour,
  reverseProxy,
  proxyBackend,
  proxyRoute,
]
