import type { Model } from '../model/types.ts'
import { visible, jsonText } from '../text/escape.ts'
import { fenced } from '../report/fenced.ts'
import { plain } from '../text/paint.ts'
import { plural } from '../report/summary.ts'
import { loadFile, printFaults } from './config-file.ts'
import { printDocument, printText, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** `slash64 validate`: 0 when the file is right, else 78 with every fault. */
export async function validate(context: Context): Promise<ExitCode> {
  const loaded = await loadFile(context)
  if (context.args.output === 'json') {
    const errors = loaded.ok ? [] : loaded.faults.errors
    printDocument(context, jsonText({ valid: loaded.ok, errors }))
  } else if (context.args.output === 'markdown') {
    printDocument(
      context,
      fenced(loaded.ok ? validText(loaded.source.name, loaded.model) : loaded.faults.text(plain)),
    )
  } else if (!loaded.ok) printFaults(context, loaded.faults)
  else printText(context, validText(loaded.source.name, loaded.model))
  return loaded.ok ? EXIT.fine : EXIT.config
}

function validText(name: string, model: Model): string {
  return `${visible(name)}: valid (${contentsText(model)})\n`
}

function contentsText({ containers, networks, nat, routes }: Model): string {
  const parts = [
    plural(containers.length, 'container'),
    plural(networks.length, 'network'),
    plural(nat.forwards.length, 'forward'),
    ...(routes.length === 0 ? [] : [plural(routes.length, 'route')]),
  ]
  return parts.join(', ')
}
