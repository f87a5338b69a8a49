import type { Loaded, Loader } from '../../controller/desired.ts'
import type { Source } from '../../report/background.ts'
import { plain } from '../../text/paint.ts'
import { meaningOf, unreadable } from '../config-file.ts'
import type { Faults } from '../config-file.ts'
import type { Context } from '../context.ts'

/** Tells the controller what a text means; the validator is loaded once. */
export async function loaderOf(context: Context): Promise<Loader<Source>> {
  const config = await context.config()
  return {
    load: async (text, name) => {
      const loaded = meaningOf(text, name, config)
      return loaded.ok ? loaded : wrong(loaded.faults)
    },
    unreadable: (error, name) => wrong(unreadable(error, name)),
  }
}

function wrong({ errors, text }: Faults): Loaded<Source> & { readonly ok: false } {
  const [first] = errors
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  const place = first === undefined ? '' : `${first.file}:${first.line}:${first.column}: `
  const message = `${place}${first?.message ?? 'it cannot be read'}${more}`
  return { ok: false, text: text(plain), problem: { code: first?.code ?? 'S64-I001', message } }
}
