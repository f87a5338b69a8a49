import type { Drivers } from '../engine/apply.ts'
import { conntrackDriver } from './conntrack.ts'
import { haproxyDriver } from './haproxy/index.ts'
import { ipDriver } from './ip-batch.ts'
import { nftDriver } from './nft.ts'
import { sysctlDriver } from './sysctl.ts'

/** One driver for each tool of a step. */
export const DRIVERS: Drivers = {
  nft: nftDriver,
  ip: ipDriver,
  sysctl: sysctlDriver,
  conntrack: conntrackDriver,
  haproxy: haproxyDriver,
}
