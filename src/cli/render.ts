import { fenced } from '../report/fenced.ts'
import { renderJson, renderYaml } from '../report/render.ts'
import { withModel } from './config-file.ts'
import { printDocument, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** `slash64 render`: the resolved desired state, as YAML or JSON. */
export async function render(context: Context): Promise<ExitCode> {
  return withModel(context, async (model) => {
    const { output } = context.args
    if (output === 'json') printDocument(context, renderJson(model))
    else printDocument(context, output === 'markdown' ? fenced(renderYaml(model), 'yaml') : renderYaml(model))
    return EXIT.fine
  })
}
