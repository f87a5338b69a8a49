import type { Model } from '../../src/model/types.ts'
import { capturedModel } from './model.ts'

/** The model that the captures `table-traffic.json` and `counters.json` were made with. */
export function countedModel(): Model {
  return counted(capturedModel())
}

/** The same file, with each container's traffic counted. */
export function counted(of: Model): Model {
  return { ...of, metrics: { containers: true } }
}

/** The names of the counters of the captured containers. */
export const BLOG_COUNTER = 'blog-def53e95f1fc'
export const DB_COUNTER = 'db-7bdc25d1694e'
