import { fenced } from '../report/fenced.ts'
import type { Model } from '../model/types.ts'
import { renderJson, renderYaml, type RenderedProxy } from '../report/render.ts'
import { withModel } from './config-file.ts'
import { printDocument, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** `slash64 render`: the resolved desired state and the reverse proxy's files, as YAML or JSON. */
export async function render(context: Context): Promise<ExitCode> {
  return withModel(context, async (model) => {
    const { output } = context.args
    const proxy = await renderedProxy(context, model)
    if (output === 'json') printDocument(context, renderJson(model, proxy))
    else {
      const yaml = renderYaml(model, proxy)
      printDocument(context, output === 'markdown' ? fenced(yaml, 'yaml') : yaml)
    }
    return EXIT.fine
  })
}

/** Only routes need the engine for this. */
async function renderedProxy(context: Context, model: Model): Promise<RenderedProxy | undefined> {
  if (model.routes.length === 0) return undefined
  const app = await context.app()
  return app.render(model)
}
