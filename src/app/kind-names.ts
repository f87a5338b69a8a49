import { KINDS } from '../kinds/index.ts'

/** Every kind that there is: what labels of metrics are made of. */
export const KIND_NAMES: readonly string[] = KINDS.map(({ name }) => name)
