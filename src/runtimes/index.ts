import type { RuntimeType } from '../config/types.ts'
import { incus } from './incus.ts'
import { lxc } from './lxc.ts'
import { nspawn } from './nspawn.ts'
import { ociRuntime } from './oci.ts'
import type { RuntimeDefinition } from './types.ts'

/** Every runtime that has containers to look for. A named namespace is where its name says; `none` is not looked at. */
export const RUNTIMES: Readonly<Partial<Record<RuntimeType, RuntimeDefinition>>> = {
  docker: ociRuntime('docker'),
  incus,
  lxc,
  nspawn,
  podman: ociRuntime('podman'),
}
