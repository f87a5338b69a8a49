import type { Drivers } from '../engine/apply.ts'
import { conntrackDriver } from './conntrack.ts'
import { ipDriver } from './ip-batch.ts'
import { nftDriver } from './nft.ts'
import { sysctlDriver } from './sysctl.ts'

/** One driver for each tool of a step. `foundFile` keeps the sysctl values that were found first. */
export function createDrivers(foundFile: string): Drivers {
  return { nft: nftDriver, ip: ipDriver, sysctl: sysctlDriver(foundFile), conntrack: conntrackDriver }
}
