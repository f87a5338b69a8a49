import { controllerUnit } from './controller.ts'
import { UNIT_MARK, type UnitFile, type UnitOptions } from './options.ts'
import { proxyUnit } from './proxy.ts'
import { specified } from './words.ts'

/** The units of a host, in the order in which they are written. Give them only what `unitFaults` finds nothing in. */
export function unitFiles(options: UnitOptions): readonly UnitFile[] {
  return [
    { name: 'slash64.service', text: controllerUnit(options) },
    { name: 'slash64.path', text: pathUnit(options) },
    { name: 'slash64-proxy.service', text: proxyUnit(options) },
  ]
}

/** The controller itself watches the file while it runs; this is for when it has given up. */
function pathUnit({ file }: UnitOptions): string {
  return `${UNIT_MARK}
# The next install overwrites this file: changes of your own belong into a drop-in (systemctl edit slash64.path).
[Unit]
Description=Starts slash64 again when ${specified(file)} changes
# It comes and goes with the controller, but not with its end by itself: who stops that wants no file to start it.
PartOf=slash64.service

[Path]
PathChanged=${specified(file)}
Unit=slash64.service
`
}
